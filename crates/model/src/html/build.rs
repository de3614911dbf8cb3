//! Writes a small, balanced document from the tokens of a foreign one.
//!
//! The elements nest as the HTML5 tree builder would nest them, so that a parser reads back exactly what was written.

use html5ever::tokenizer::Tag;

use super::MAX_OUTPUT_BYTES;
use super::link::{self, Label};
use super::tokens::{self, Listener, Skip, attribute, breaks_line, is_void};
use super::write::{attributes, escape_attribute, escape_char, fitting};
use crate::text::chars::{is_bidi_control, is_unwanted_control};

pub(super) use super::tokens::TooComplex;

/// Deepest nesting that is kept (GHSA-qrgq-9fx2-vf2r).
const MAX_DEPTH: usize = 100;

/// Where the document is cut when it is longer than [`MAX_OUTPUT_BYTES`]. Lower by what can still follow (the tags that close,
/// one start tag), so that a document that was cut is never cut again.
const CUT_BYTES: usize = MAX_OUTPUT_BYTES - 20 * 1024;

/// Most that a run of text between two tags may cost the serialiser, in bytes looked at: for each `&` (and each character that
/// begins with the byte 0xC2) it looks for the next angle bracket, which may be far away.
const MAX_RUN_COST: usize = 200_000_000;

/// The balanced document.
pub(super) fn build(html: &str) -> Result<String, TooComplex> {
    let whole = build_to(html, usize::MAX)?;
    if whole.len() <= MAX_OUTPUT_BYTES {
        Ok(whole)
    } else {
        build_to(html, CUT_BYTES)
    }
}

fn build_to(html: &str, limit: usize) -> Result<String, TooComplex> {
    let mut builder = tokens::read(
        html,
        Document {
            limit,
            ..Document::default()
        },
    )?;
    if builder.too_complex {
        return Err(TooComplex);
    }
    builder.finish_formula();
    builder.close_to(0);
    Ok(builder.html)
}

#[derive(Debug)]
struct Open {
    name: &'static str,
    /// Whether it stands for a heading.
    heading: bool,
    /// Whether what is inside is hidden, or shown with an ellipsis.
    invisible: bool,
    ellipsis: bool,
}

/// What is owed before the next text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    Space,
    Break,
}

#[derive(Debug)]
struct Formula {
    block: bool,
    /// The annotation being read, and whether it is TeX.
    reading: Option<bool>,
    tex: String,
    plain: String,
}

#[derive(Debug, Default)]
struct Document {
    html: String,
    limit: usize,
    stack: Vec<Open>,
    skip: Skip,
    formula: Option<Formula>,
    label: Option<Label>,
    gap: Gap,
    /// Whether the current line has text, so that a gap means something.
    in_line: bool,
    /// Whether a `pre` has just begun: a line end there would be lost at the next reading.
    pre_begins: bool,
    /// Characters since the last tag or angle bracket, and those of them that the serialiser looks up.
    run: usize,
    run_specials: usize,
    too_complex: bool,
}

impl Listener for Document {
    fn start(&mut self, tag: &Tag) {
        if self.formula.is_some() {
            self.start_in_formula(tag);
        } else if self.skip.is_active() {
            self.skip.start(&tag.name);
        } else if !self.skip.begin(tag) {
            self.start_element(tag);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(formula) = &mut self.formula {
            formula.reading = None;
            if name == "math" {
                self.finish_formula();
            }
        } else if self.skip.is_active() {
            self.skip.end(name);
        } else {
            self.end_element(name);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(formula) = &mut self.formula {
            match formula.reading {
                Some(true) => formula.tex.push_str(text),
                Some(false) => formula.plain.push_str(text),
                None => {}
            }
        } else if !self.skip.is_active() {
            self.write_text(text);
        }
    }

    fn is_done(&self) -> bool {
        self.too_complex || self.html.len() >= self.limit
    }
}

impl Document {
    fn start_element(&mut self, tag: &Tag) {
        match &*tag.name {
            "br" => self.write_break(),
            "a" => self.start_link(tag),
            "img" | "image" => self.write_image(tag),
            "math" if !tag.self_closing => {
                let block = attribute(tag, "display") == Some("block");
                self.formula = Some(Formula {
                    block,
                    reading: None,
                    tex: String::new(),
                    plain: String::new(),
                });
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.start_block("p", &attributes(tag));
                if let Some(heading) = self.stack.last_mut() {
                    heading.heading = true;
                }
                self.open("strong", "");
            }
            "p" => self.start_block("p", &attributes(tag)),
            "blockquote" => self.start_block("blockquote", &attributes(tag)),
            "pre" => {
                self.start_block("pre", &attributes(tag));
                self.pre_begins = true;
            }
            "ul" => self.start_block("ul", &attributes(tag)),
            "ol" => self.start_block("ol", &attributes(tag)),
            "li" => {
                self.close_item();
                self.start_block("li", &attributes(tag));
            }
            "rt" => self.start_ruby_part("rt", tag),
            "rp" => self.start_ruby_part("rp", tag),
            "td" | "th" if self.gap == Gap::None => self.gap = Gap::Space,
            name if breaks_line(name) => self.gap = Gap::Break,
            name if is_void(name) => {}
            name => {
                if let Some(name) = INLINE.iter().find(|inline| **inline == name) {
                    self.open(name, &attributes(tag));
                    self.mark_span(tag);
                }
            }
        }
    }

    fn end_element(&mut self, name: &str) {
        match name {
            "br" => self.write_break(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                if let Some(at) = self.stack.iter().rposition(|open| open.heading) {
                    self.close_block_to(at);
                }
            }
            "p" | "blockquote" | "pre" | "ul" | "ol" => {
                if let Some(at) = self.stack.iter().rposition(|open| open.name == name) {
                    self.close_block_to(at);
                }
            }
            "li" => self.close_item(),
            "td" | "th" if self.gap == Gap::None => self.gap = Gap::Space,
            name if breaks_line(name) => self.gap = Gap::Break,
            name => {
                let Some(at) = self.stack.iter().rposition(|open| open.name == name) else {
                    return;
                };
                let crosses = self.stack[at..].iter().any(|open| is_block(open.name));
                if !(crosses && matches!(name, "span" | "del" | "ruby" | "rt" | "rp")) {
                    self.close_to(at);
                }
            }
        }
    }

    /// Opens a block after closing the paragraph that it cannot stand in.
    fn start_block(&mut self, name: &'static str, attributes: &str) {
        if let Some(at) = self.stack.iter().rposition(|open| open.name == "p") {
            self.close_to(at);
        }
        self.gap = Gap::None;
        self.in_line = false;
        self.open(name, attributes);
    }

    fn close_block_to(&mut self, at: usize) {
        self.close_to(at);
        self.gap = Gap::None;
        self.in_line = false;
    }

    /// Closes the list item that is open in the innermost list, if there is one.
    fn close_item(&mut self) {
        let innermost = self
            .stack
            .iter()
            .rposition(|open| is_block(open.name) && open.name != "p");
        if let Some(at) = innermost.filter(|at| self.stack[*at].name == "li") {
            self.close_block_to(at);
        }
    }

    /// Ruby parts close what a parser would close for them.
    fn start_ruby_part(&mut self, name: &'static str, tag: &Tag) {
        while self
            .stack
            .last()
            .is_some_and(|open| matches!(open.name, "rt" | "rp" | "p" | "li"))
        {
            self.close_to(self.stack.len() - 1);
        }
        self.open(name, &attributes(tag));
    }

    fn start_link(&mut self, tag: &Tag) {
        self.close_link();
        let Some(target) = attribute(tag, "href").and_then(link::target) else {
            return;
        };
        let mut html = String::from(" href=\"");
        escape_attribute(&target.href, &mut html);
        html.push_str("\" rel=\"");
        html.push_str(&link::rel(attribute(tag, "rel").unwrap_or_default()));
        html.push_str("\" target=\"_blank\"");
        html.push_str(&attributes(tag));
        self.open_link(&html, target.host);
    }

    fn open_link(&mut self, attributes: &str, host: Option<String>) {
        self.open("a", attributes);
        self.label = Some(Label::new(host));
    }

    fn close_link(&mut self) {
        if let Some(at) = self.stack.iter().rposition(|open| open.name == "a") {
            self.close_to(at);
        }
    }

    /// An image becomes a link with its description, inside a link the description alone.
    fn write_image(&mut self, tag: &Tag) {
        let target = attribute(tag, "src")
            .and_then(link::target)
            .filter(|target| target.host.is_some());
        let description = attribute(tag, "alt").unwrap_or_default().trim();
        let in_link = self.label.is_some();
        match target {
            Some(target) if !in_link => {
                let label = if description.is_empty() {
                    target.href.clone()
                } else {
                    description.to_owned()
                };
                let mut html = String::from(" href=\"");
                escape_attribute(&target.href, &mut html);
                html.push_str("\" rel=\"nofollow noopener noreferrer\" target=\"_blank\"");
                self.open_link(&html, target.host);
                self.write_text(&label);
                self.close_link();
            }
            _ => self.write_text(description),
        }
    }

    fn start_in_formula(&mut self, tag: &Tag) {
        let Some(formula) = &mut self.formula else {
            return;
        };
        formula.reading = match (&*tag.name, attribute(tag, "encoding")) {
            ("annotation", Some("application/x-tex")) => Some(true),
            ("annotation", Some("text/plain")) => Some(false),
            _ => None,
        };
    }

    /// Writes the TeX source of a formula, else its plain annotation (FEP-dc88).
    fn finish_formula(&mut self) {
        let Some(formula) = self.formula.take() else {
            return;
        };
        match (formula.tex.trim(), formula.block) {
            ("", _) => self.write_text(formula.plain.trim()),
            (tex, true) => self.write_text(&format!("$${tex}$$")),
            (tex, false) => self.write_text(&format!("${tex}$")),
        }
    }

    fn mark_span(&mut self, tag: &Tag) {
        let class = attribute(tag, "class").unwrap_or_default();
        let has = |name: &str| class.split_ascii_whitespace().any(|class| class == name);
        if let Some(open) = self.stack.last_mut() {
            open.invisible = has("invisible");
            open.ellipsis = has("ellipsis");
        }
    }

    fn open(&mut self, name: &'static str, attributes: &str) {
        if self.stack.len() >= MAX_DEPTH {
            self.too_complex = true;
            return;
        }
        if self.html.len() >= self.limit {
            return;
        }
        if !is_block(name) {
            self.write_gap();
        }
        self.pre_begins = false;
        self.write_markup(&["<", name, attributes, ">"]);
        self.stack.push(Open {
            name,
            heading: false,
            invisible: false,
            ellipsis: false,
        });
    }

    /// Closes the open elements down to the one at `at`, which is closed too.
    fn close_to(&mut self, at: usize) {
        while self.stack.len() > at {
            let Some(open) = self.stack.pop() else {
                return;
            };
            if open.name == "a"
                && let Some(correction) = self.label.take().and_then(|label| label.correction())
            {
                self.write_escaped(&correction);
            }
            self.write_markup(&["</", open.name, ">"]);
        }
    }

    fn write_break(&mut self) {
        self.gap = Gap::None;
        self.in_line = false;
        self.pre_begins = false;
        if self.html.len() < self.limit {
            self.write_markup(&["<br>"]);
        }
    }

    fn write_markup(&mut self, parts: &[&str]) {
        for part in parts {
            self.html.push_str(part);
        }
        self.run = 0;
        self.run_specials = 0;
    }

    fn write_escaped(&mut self, text: &str) {
        for c in text.chars() {
            escape_char(c, &mut self.html);
            if matches!(c, '<' | '>') {
                self.run = 0;
                self.run_specials = 0;
            }
            self.run += c.len_utf8();
            self.run_specials += usize::from(matches!(c, '&' | '\u{80}'..='\u{bf}'));
            self.too_complex |= self.run * self.run_specials > MAX_RUN_COST;
        }
    }

    fn write_gap(&mut self) {
        match std::mem::take(&mut self.gap) {
            Gap::Break if self.in_line => self.write_break(),
            Gap::Space if self.in_line => self.write_escaped(" "),
            _ => {}
        }
    }

    fn write_text(&mut self, text: &str) {
        let in_link = self.label.is_some();
        let mut text = text.replace(
            |c| is_unwanted_control(c) || c == '\r' || (in_link && is_bidi_control(c)),
            "",
        );
        if self.pre_begins {
            text = text.trim_start_matches('\n').to_owned();
        }
        if text.is_empty() || self.html.len() >= self.limit {
            return;
        }
        let blank = text.bytes().all(|b| b.is_ascii_whitespace());
        if !blank {
            self.write_gap();
            self.in_line = true;
        }
        self.pre_begins = false;
        let text = fitting(&text, self.limit - self.html.len());
        if let Some(label) = &mut self.label {
            let invisible = self.stack.iter().any(|open| open.invisible);
            let ellipsis = self.stack.iter().any(|open| open.ellipsis);
            label.push(text, invisible, ellipsis);
        }
        self.write_escaped(text);
    }
}

/// Inline elements that are kept as they are.
const INLINE: [&str; 10] = ["span", "del", "s", "code", "b", "strong", "u", "i", "em", "ruby"];

fn is_block(name: &str) -> bool {
    matches!(name, "p" | "blockquote" | "pre" | "ul" | "ol" | "li")
}
