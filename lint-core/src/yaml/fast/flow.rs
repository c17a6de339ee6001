//! Flow collections, which JSON is a case of.

use super::{Bail, Fast, KEY_LENGTH, Parser};
use crate::yaml::tree::{Node, Style};

/// Deepest nesting that recursion follows.
const FLOW_DEPTH: u32 = 64;

impl Parser<'_> {
    /// A flow collection where a value is awaited, or at the root.
    pub(super) fn flow(&mut self, offset: usize) -> Fast<usize> {
        let parent = match self.stack.last_mut() {
            Some(top) if top.awaits => {
                top.awaits = false;
                i64::from(top.column)
            }
            Some(_) => return Err(Bail),
            None => -1,
        };
        self.flow_node(offset, parent, 0)
    }

    /// White space, line breaks and comments inside a flow collection. Lines must be deeper than what holds it.
    fn flow_space(&mut self, mut offset: usize, parent: i64) -> Fast<usize> {
        let mut line = None;
        loop {
            match self.at(offset) {
                b' ' | b'\t' => offset += 1,
                b'\n' => {
                    if offset >= self.bytes.len() {
                        return Err(Bail);
                    }
                    offset += 1;
                    line = Some(offset);
                }
                b'#' if matches!(self.bytes[offset - 1], b' ' | b'\t' | b'\n') => {
                    offset = self.comment(offset);
                }
                b'#' => return Err(Bail),
                _ => break,
            }
        }
        match line {
            Some(line) if (offset - line) as i64 <= parent => Err(Bail),
            _ => Ok(offset),
        }
    }

    fn flow_node(&mut self, offset: usize, parent: i64, depth: u32) -> Fast<usize> {
        match self.at(offset) {
            _ if depth > FLOW_DEPTH => Err(Bail),
            b'[' => self.flow_sequence(offset, parent, depth),
            b'{' => self.flow_mapping(offset, parent, depth),
            _ => self.flow_scalar(offset),
        }
    }

    fn flow_sequence(&mut self, start: usize, parent: i64, depth: u32) -> Fast<usize> {
        let node = self.push(Node::open(Style::Seq, start, true));
        let mut offset = self.flow_space(start + 1, parent)?;
        while self.at(offset) != b']' {
            self.count(node);
            offset = self.flow_node(offset, parent, depth + 1)?;
            offset = self.flow_space(offset, parent)?;
            match self.at(offset) {
                b',' => offset = self.flow_space(offset + 1, parent)?,
                b']' => {}
                // A `:` would make a mapping of one pair.
                _ => return Err(Bail),
            }
        }
        self.close(node, offset + 1);
        Ok(offset + 1)
    }

    fn flow_mapping(&mut self, start: usize, parent: i64, depth: u32) -> Fast<usize> {
        let node = self.push(Node::open(Style::Map, start, true));
        let mut offset = self.flow_space(start + 1, parent)?;
        while self.at(offset) != b'}' {
            self.count(node);
            offset = self.flow_key(offset)?;
            offset = self.flow_space(offset, parent)?;
            if matches!(self.at(offset), b',' | b'}') {
                // An empty value lies right behind its colon.
                let colon = self.tape.nodes.last().map_or(offset, |key| key.end as usize);
                let colon = self.skip_spaces(colon) + 1;
                self.empty_scalar(colon);
            } else {
                offset = self.flow_node(offset, parent, depth + 1)?;
                offset = self.flow_space(offset, parent)?;
            }
            match self.at(offset) {
                b',' => offset = self.flow_space(offset + 1, parent)?,
                b'}' => {}
                _ => return Err(Bail),
            }
        }
        self.close(node, offset + 1);
        Ok(offset + 1)
    }

    /// A key with its colon. Returns the offset behind the colon.
    fn flow_key(&mut self, start: usize) -> Fast<usize> {
        if matches!(self.at(start), b'[' | b'{') {
            return Err(Bail);
        }
        let end = self.flow_scalar(start)?;
        let quoted = matches!(self.at(start), b'"' | b'\'');
        if end - start > KEY_LENGTH || &self.bytes[start..end] == b"<<" {
            return Err(Bail);
        }
        let colon = self.skip_spaces(end);
        let separated = quoted || matches!(self.at(colon + 1), b' ' | b'\n');
        if self.at(colon) == b':' && separated { Ok(colon + 1) } else { Err(Bail) }
    }

    fn flow_scalar(&mut self, start: usize) -> Fast<usize> {
        match self.at(start) {
            b'"' | b'\'' => {
                let (end, mut node, multiline) = self.quoted(start)?;
                if multiline {
                    return Err(Bail);
                }
                node.flow = true;
                self.push(node);
                Ok(end)
            }
            b'&' | b'*' | b'!' | b'@' | b'`' | b'%' | b'|' | b'>' | b',' | b']' | b'}' | b'\n' | b'?'
            | b':' => Err(Bail),
            b'-' if matches!(self.at(start + 1), b' ' | b'\t' | b'\n' | b',' | b']' | b'}') => Err(Bail),
            _ => self.flow_plain(start),
        }
    }

    /// A plain scalar on one line.
    fn flow_plain(&mut self, start: usize) -> Fast<usize> {
        let mut offset = start;
        loop {
            match self.at(offset) {
                b',' | b']' | b'}' => break,
                b'\n' | b'[' | b'{' | b'?' | b'#' => return Err(Bail),
                b':' => match self.at(offset + 1) {
                    b' ' | b'\n' => break,
                    b'\t' | b',' | b'[' | b']' | b'{' | b'}' => return Err(Bail),
                    _ => offset += 1,
                },
                _ => offset += 1,
            }
        }
        let end = self.trim_end(start, offset);
        let mut node = Node::slice(Style::Plain, (start, end), (start, end));
        node.flow = true;
        self.push(node);
        Ok(end)
    }
}
