//! Block collections: lines, keys, dashes.

use super::{Bail, DEPTH, Fast, Frame, KEY_LENGTH, Parser};
use crate::yaml::tree::{Node, Style};

/// Bytes at which the scan of a plain scalar stops to look.
static STOP: [bool; 256] = {
    let mut table = [false; 256];
    table[b':' as usize] = true;
    table[b'#' as usize] = true;
    table[b'\n' as usize] = true;
    table
};

impl Parser<'_> {
    pub(super) fn run(&mut self) -> Fast<()> {
        let mut last_end = self.position;
        while self.position < self.bytes.len() {
            let line = self.position;
            let offset = self.skip_spaces(line);
            if offset >= self.bytes.len() {
                break;
            }
            match self.bytes[offset] {
                b'\n' => self.position = offset + 1,
                b'#' => self.position = self.comment(offset) + 1,
                b'\t' => return Err(Bail),
                b'%' if offset == line => return Err(Bail),
                _ => {
                    if self.stack.is_empty() {
                        if self.has_root {
                            return Err(Bail);
                        }
                        self.has_root = true;
                    }
                    last_end = self.line(line, offset, last_end)?;
                }
            }
        }
        while !self.stack.is_empty() {
            self.close_top(last_end);
        }
        Ok(())
    }

    #[inline]
    fn close_top(&mut self, at: usize) {
        let Some(frame) = self.stack.pop() else { return };
        if frame.awaits {
            self.empty_scalar(at);
        }
        self.close(frame.node, at);
    }

    /// Block content that begins at `offset` on the line that begins at `line`. Returns the end of its last token.
    fn line(&mut self, line: usize, mut offset: usize, last_end: usize) -> Fast<usize> {
        let mut first = true;
        loop {
            let column = (offset - line) as u32;
            if self.at(offset) == b'-' && matches!(self.at(offset + 1), b' ' | b'\n') {
                let dash = offset;
                self.dash(offset, column, first, last_end)?;
                offset = self.skip_spaces(offset + 1);
                match self.at(offset) {
                    b'\n' => {
                        self.position = offset + 1;
                        return Ok(dash + 1);
                    }
                    b'#' => {
                        self.position = self.comment(offset) + 1;
                        return Ok(dash + 1);
                    }
                    b'\t' => return Err(Bail),
                    _ => first = false,
                }
                continue;
            }
            if first {
                while self
                    .stack
                    .last()
                    .is_some_and(|top| top.column > column || (top.column == column && top.indentless))
                {
                    self.close_top(last_end);
                }
            }
            return self.scalar_or_key(offset, column, first, last_end);
        }
    }

    /// A `-` that begins an item.
    fn dash(&mut self, offset: usize, column: u32, first: bool, last_end: usize) -> Fast<()> {
        if first {
            while self.stack.last().is_some_and(|top| top.column > column) {
                self.close_top(last_end);
            }
        }
        let (mut new, mut indentless) = (true, false);
        if let Some(top) = self.stack.last() {
            if top.column == column {
                if top.seq {
                    new = false;
                    if top.awaits {
                        self.empty_scalar(last_end);
                    }
                } else if top.awaits && first {
                    indentless = true;
                } else {
                    return Err(Bail);
                }
            } else if !top.awaits {
                return Err(Bail);
            }
        }
        if new {
            self.open(Style::Seq, offset, column, indentless)?;
        }
        self.await_value();
        Ok(())
    }

    fn scalar_or_key(&mut self, offset: usize, column: u32, first: bool, last_end: usize) -> Fast<usize> {
        // A value on a line of its own must be deeper than what holds it.
        let too_shallow = first && self.stack.last().is_some_and(|top| top.column >= column);
        let byte = self.at(offset);
        match byte {
            b'&' | b'*' | b'!' | b'@' | b'`' | b'%' | b',' | b']' | b'}' | b'\t' => return Err(Bail),
            b'|' | b'>' | b'[' | b'{' if too_shallow => return Err(Bail),
            b'|' | b'>' => return self.block_scalar(offset, byte),
            b'[' | b'{' => {
                let end = self.flow(offset)?;
                return self.finish_line(end);
            }
            b'"' | b'\'' => {
                let (end, node, multiline) = self.quoted(offset)?;
                let colon = self.skip_spaces(end);
                if self.at(colon) == b':' && matches!(self.at(colon + 1), b' ' | b'\n') {
                    if multiline || end - offset > KEY_LENGTH {
                        return Err(Bail);
                    }
                    return self.key(offset, column, node, colon, last_end);
                }
                if too_shallow {
                    return Err(Bail);
                }
                self.put(node)?;
                return self.finish_line(end);
            }
            b'?' | b':' if self.blank_at(offset + 1) => return Err(Bail),
            b'-' if self.at(offset + 1) == b'\t' => return Err(Bail),
            _ => {}
        }
        let stop = self.plain_end(offset);
        if self.bytes.get(stop) == Some(&b':') {
            if self.at(stop + 1) == b'\t' || stop - offset > KEY_LENGTH {
                return Err(Bail);
            }
            let end = self.trim_end(offset, stop);
            if &self.bytes[offset..end] == b"<<" {
                return Err(Bail);
            }
            let node = Node::slice(Style::Plain, (offset, end), (offset, end));
            return self.key(offset, column, node, stop, last_end);
        }
        if too_shallow {
            return Err(Bail);
        }
        self.plain_scalar(offset, stop)
    }

    /// Where a plain scalar stops on its line: at a `:` that ends a key, a `#` that begins a comment, or the line's end.
    #[inline]
    pub(super) fn plain_end(&self, mut offset: usize) -> usize {
        loop {
            while offset < self.bytes.len() && !STOP[self.bytes[offset] as usize] {
                offset += 1;
            }
            match self.at(offset) {
                b':' if !self.blank_at(offset + 1) => offset += 1,
                b'#' if !matches!(self.bytes[offset - 1], b' ' | b'\t') => offset += 1,
                _ => return offset,
            }
        }
    }

    /// End of the text before an offset, without white space.
    #[inline]
    pub(super) fn trim_end(&self, start: usize, mut end: usize) -> usize {
        while end > start && matches!(self.bytes[end - 1], b' ' | b'\t') {
            end -= 1;
        }
        end
    }

    fn open(&mut self, style: Style, offset: usize, column: u32, indentless: bool) -> Fast<()> {
        if self.stack.len() > DEPTH {
            return Err(Bail);
        }
        match self.stack.last_mut() {
            Some(top) => top.awaits = false,
            // A second root.
            None if self.tape.nodes.len() != self.first_node => return Err(Bail),
            None => {}
        }
        let node = self.push(Node::open(style, offset, false));
        self.stack.push(Frame { node, column, seq: style == Style::Seq, awaits: false, indentless });
        Ok(())
    }

    /// The top collection gets one more child, whose value follows.
    #[inline]
    fn await_value(&mut self) {
        if let Some(top) = self.stack.last_mut() {
            top.awaits = true;
            let node = top.node;
            self.count(node);
        }
    }

    /// A key, and its value when that begins on the same line.
    #[inline]
    fn key(&mut self, offset: usize, column: u32, node: Node, colon: usize, last_end: usize) -> Fast<usize> {
        let mut new = true;
        if let Some(top) = self.stack.last() {
            if top.column == column {
                if top.seq {
                    return Err(Bail);
                }
                new = false;
                if top.awaits {
                    self.empty_scalar(last_end);
                }
            } else if !top.awaits {
                return Err(Bail);
            }
        }
        if new {
            self.open(Style::Map, offset, column, false)?;
        }
        self.await_value();
        self.push(node);
        let value = self.skip_spaces(colon + 1);
        match self.at(value) {
            b'\n' => {
                self.position = value + 1;
                Ok(colon + 1)
            }
            b'#' => {
                self.position = self.comment(value) + 1;
                Ok(colon + 1)
            }
            b'\t' => Err(Bail),
            _ => self.value(value),
        }
    }

    /// A value on the line of its key.
    #[inline]
    fn value(&mut self, offset: usize) -> Fast<usize> {
        match self.bytes[offset] {
            b'&' | b'*' | b'!' | b'@' | b'`' | b'%' | b',' | b']' | b'}' => Err(Bail),
            byte @ (b'|' | b'>') => self.block_scalar(offset, byte),
            b'[' | b'{' => {
                let end = self.flow(offset)?;
                self.finish_line(end)
            }
            b'"' | b'\'' => {
                let (end, node, _) = self.quoted(offset)?;
                self.put(node)?;
                self.finish_line(end)
            }
            b'-' | b'?' | b':' if self.blank_at(offset + 1) => Err(Bail),
            _ => {
                let stop = self.plain_end(offset);
                if self.bytes.get(stop) == Some(&b':') {
                    return Err(Bail);
                }
                self.plain_scalar(offset, stop)
            }
        }
    }

    /// Behind a quoted or flow value only white space and a comment may follow.
    fn finish_line(&mut self, end: usize) -> Fast<usize> {
        let offset = self.skip_spaces(end);
        match self.at(offset) {
            b'\n' => self.position = offset + 1,
            b'#' if offset > end => self.position = self.comment(offset) + 1,
            _ => return Err(Bail),
        }
        Ok(end)
    }
}
