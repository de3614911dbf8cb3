//! The tokens of an HTML text, as a browser reads them.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// How many bytes may pass without a token. A tag longer than that has thousands of attributes, and reading them takes time that
/// grows with their square; a comment or a value that long is not needed.
const MAX_TOKEN_BYTES: usize = 32 * 1024;

/// How many bytes are given to the tokenizer at a time.
const CHUNK_BYTES: usize = 4 * 1024;

/// The markup is made to exhaust a parser, and was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooComplex;

/// What listens to the tokens.
pub(super) trait Listener {
    fn start(&mut self, tag: &Tag);
    fn end(&mut self, name: &str);
    fn text(&mut self, text: &str);
    /// Whether to stop: the rest does not matter.
    fn is_done(&self) -> bool;
}

/// Reads `html` to its end, or until the listener is done.
pub(super) fn read<L: Listener>(html: &str, listener: L) -> Result<L, TooComplex> {
    let sink = Sink(RefCell::new(State { listener, tokens: 0 }));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = html;
    let mut tokens = 0;
    let mut without_token = 0;
    while !rest.is_empty() {
        let (chunk, later) = rest.split_at(rest.floor_char_boundary(CHUNK_BYTES));
        rest = later;
        queue.push_back(StrTendril::from_slice(chunk));
        // The sink never asks for a pause.
        let _ = tokenizer.feed(&queue);
        let state = tokenizer.sink.0.borrow();
        if state.listener.is_done() {
            break;
        }
        without_token = if state.tokens == tokens {
            without_token + chunk.len()
        } else {
            0
        };
        tokens = state.tokens;
        if without_token > MAX_TOKEN_BYTES {
            return Err(TooComplex);
        }
    }
    tokenizer.end();
    Ok(tokenizer.sink.0.into_inner().listener)
}

struct Sink<L>(RefCell<State<L>>);

struct State<L> {
    listener: L,
    tokens: usize,
}

impl<L: Listener> TokenSink for Sink<L> {
    type Handle = ();

    fn process_token(&self, token: Token, _line_number: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                state.tokens += 1;
                match tag.kind {
                    TagKind::StartTag => {
                        state.listener.start(&tag);
                        return content_model(&tag.name);
                    }
                    TagKind::EndTag => state.listener.end(&tag.name),
                }
            }
            Token::CharacterTokens(text) => {
                state.tokens += 1;
                state.listener.text(&text);
            }
            Token::CommentToken(_) | Token::DoctypeToken(_) => state.tokens += 1,
            Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

/// How a browser reads what follows a start tag.
fn content_model(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// The value of an attribute.
pub(super) fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| &*attribute.value)
}

/// Elements that have no content and no end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "image"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements whose content is not text for readers.
pub(super) fn hides_content(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "iframe"
            | "object"
            | "applet"
            | "svg"
            | "form"
            | "template"
            | "noscript"
            | "noembed"
            | "noframes"
            | "textarea"
            | "select"
            | "datalist"
            | "title"
            | "video"
            | "audio"
            | "canvas"
            | "xmp"
            | "plaintext"
            | "frameset"
    )
}

/// Elements of other pages that stand on lines of their own.
pub(super) fn breaks_line(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "header"
            | "hgroup"
            | "hr"
            | "legend"
            | "main"
            | "menu"
            | "nav"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
    )
}

/// Skips an element with its content, nested ones of the same name included.
#[derive(Debug, Default)]
pub(super) struct Skip {
    name: String,
    depth: usize,
}

impl Skip {
    /// Begins to skip when the element is one to skip.
    pub(super) fn begin(&mut self, tag: &Tag) -> bool {
        if !hides_content(&tag.name) {
            return false;
        }
        if !(tag.self_closing && &*tag.name == "svg") {
            self.name = tag.name.to_string();
            self.depth = 1;
        }
        true
    }

    pub(super) fn is_active(&self) -> bool {
        self.depth > 0
    }

    pub(super) fn start(&mut self, name: &str) {
        if name == self.name {
            self.depth += 1;
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        if name == self.name {
            self.depth -= 1;
        }
    }
}
