//! From HTML to text.

use html5ever::tokenizer::Tag;

use super::tokens::{self, Listener, Skip, TooComplex, attribute, breaks_line};
use super::{MAX_INPUT_BYTES, truncate};
use crate::text::chars::is_unwanted_control;

/// The text of an HTML document: for searching, filtering, notifications, and for the plain-text fields of other servers.
///
/// Paragraphs, headings, quotes and lists are set apart by an empty line, breaks and list items by a line end; runs of white
/// space are one space, character references are decoded, images give their description, scripts and styles nothing.
/// Reads at most [`MAX_INPUT_BYTES`].
pub fn to_plain_text(html: &str) -> String {
    let html = truncate(html, MAX_INPUT_BYTES);
    match tokens::read(html, PlainText::default()) {
        Ok(plain) => plain.text.trim().to_owned(),
        Err(TooComplex) => crude_text(html),
    }
}

/// The text of markup that was made to exhaust a parser: everything outside angle brackets, as it stands.
pub(super) fn crude_text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        rest = rest[open..]
            .find('>')
            .map_or("", |close| &rest[open + close + 1..]);
    }
    text.push_str(rest);
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    words.join(" ").replace(is_unwanted_control, "")
}

#[derive(Debug, Default)]
struct PlainText {
    text: String,
    skip: Skip,
    /// Line ends owed before the next character: 1 for a new line, 2 for a new paragraph.
    line_ends: usize,
    space: bool,
    /// How many `pre` elements are open: their white space stands as it is.
    pre: usize,
}

impl PlainText {
    fn new_line(&mut self, line_ends: usize) {
        self.line_ends = self.line_ends.max(line_ends);
    }

    fn push(&mut self, c: char) {
        if self.line_ends > 0 {
            if !self.text.is_empty() {
                self.text.extend(std::iter::repeat_n('\n', self.line_ends));
            }
        } else if self.space && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.line_ends = 0;
        self.space = false;
        self.text.push(c);
    }

    fn boundary(&mut self, name: &str) {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "ul" | "ol" | "pre" => {
                self.new_line(2);
            }
            "li" => self.new_line(1),
            "td" | "th" => self.space = true,
            name if breaks_line(name) => self.new_line(1),
            _ => {}
        }
    }
}

impl Listener for PlainText {
    fn start(&mut self, tag: &Tag) {
        if self.skip.is_active() {
            return self.skip.start(&tag.name);
        }
        if self.skip.begin(tag) {
            return;
        }
        match &*tag.name {
            // Two breaks in a row are an empty line.
            "br" => self.line_ends = (self.line_ends + 1).min(2),
            "img" => attribute(tag, "alt")
                .unwrap_or_default()
                .chars()
                .for_each(|c| self.push(c)),
            name => self.boundary(name),
        }
        self.pre += usize::from(&*tag.name == "pre");
    }

    fn end(&mut self, name: &str) {
        if self.skip.is_active() {
            return self.skip.end(name);
        }
        self.boundary(name);
        if name == "pre" {
            self.pre = self.pre.saturating_sub(1);
        }
    }

    fn text(&mut self, text: &str) {
        if self.skip.is_active() {
            return;
        }
        for c in text.chars() {
            match c {
                '\n' if self.pre > 0 => self.line_ends += 1,
                ' ' | '\t' if self.pre > 0 => self.push(c),
                ' ' | '\t' | '\n' | '\r' | '\u{c}' => self.space = true,
                c if is_unwanted_control(c) => {}
                c => self.push(c),
            }
        }
    }

    fn is_done(&self) -> bool {
        false
    }
}
