//! Scalars of the fast path: plain, quoted, block.

use super::{Bail, Fast, Parser};
use crate::yaml::tree::{Node, Style};

/// The white space between two lines of a scalar.
struct Gap {
    /// First byte behind it.
    next: usize,
    /// Start of the line that it ends on.
    line: usize,
    /// Empty lines in it.
    blanks: usize,
}

impl Parser<'_> {
    /// Column that the lines of a scalar must exceed.
    fn parent_column(&self) -> Fast<usize> {
        match self.stack.last() {
            Some(top) if top.awaits => Ok(top.column as usize),
            _ => Err(Bail),
        }
    }

    /// A plain scalar `[start, stop)`, where `stop` is at a line break, the end, or a comment.
    pub(super) fn plain_scalar(&mut self, start: usize, stop: usize) -> Fast<usize> {
        let parent = self.parent_column()?;
        let end = self.trim_end(start, stop);
        let node = Node::slice(Style::Plain, (start, end), (start, end));
        let commented = self.at(stop) == b'#';
        let line_end = if commented { self.comment(stop) } else { stop };
        let gap = self.lines_between(line_end + 1);
        let continues =
            gap.next < self.bytes.len() && gap.next - gap.line > parent && self.bytes[gap.next] != b'#';
        if !continues {
            // A tab may hide a deeper line.
            if gap.next < self.bytes.len() && self.bytes[gap.next] == b'\t' && gap.next > gap.line {
                return Err(Bail);
            }
            self.position = line_end + 1;
            self.put(node)?;
            return Ok(end);
        }
        // A comment ends a plain scalar: what follows it is an error that the full parser words.
        if commented {
            return Err(Bail);
        }
        self.folded_plain(start, end, gap, parent)
    }

    /// A plain scalar over several lines: folded into the pool.
    fn folded_plain(&mut self, start: usize, first_end: usize, mut gap: Gap, parent: usize) -> Fast<usize> {
        let text = self.text;
        let from = self.tape.pool.len();
        self.tape.pool.push_str(&text[start..first_end]);
        loop {
            if self.bytes[gap.next] == b'\t' {
                return Err(Bail);
            }
            self.fold(gap.blanks);
            let stop = self.plain_end(gap.next);
            if self.at(stop) != b'\n' {
                return Err(Bail);
            }
            let end = self.trim_end(gap.next, stop);
            self.tape.pool.push_str(&text[gap.next..end]);
            gap = self.lines_between(stop + 1);
            if gap.next >= self.bytes.len() || gap.next - gap.line <= parent || self.bytes[gap.next] == b'#' {
                self.position = stop + 1;
                let pooled = (from, self.tape.pool.len());
                self.put(Node::pooled(Style::Plain, (start, end), pooled))?;
                return Ok(end);
            }
        }
    }

    /// Skips spaces and empty lines from the start of a line.
    fn lines_between(&self, line: usize) -> Gap {
        let mut gap = Gap { next: line, line, blanks: 0 };
        while let Some(byte) = self.bytes.get(gap.next) {
            match byte {
                b' ' => gap.next += 1,
                b'\n' => {
                    gap.next += 1;
                    gap.line = gap.next;
                    gap.blanks += 1;
                }
                _ => break,
            }
        }
        gap
    }

    /// One line break becomes a space, more become one less.
    fn fold(&mut self, blanks: usize) {
        if blanks == 0 {
            self.tape.pool.push(' ');
        }
        self.tape.pool.extend(std::iter::repeat_n('\n', blanks));
    }

    /// A quoted scalar. Returns its end, the node, and whether it spans lines.
    pub(super) fn quoted(&mut self, start: usize) -> Fast<(usize, Node, bool)> {
        let quote = self.bytes[start];
        let style = if quote == b'"' { Style::Double } else { Style::Single };
        let stop = self.quoted_run(start + 1, quote);
        let closed = self.bytes.get(stop) == Some(&quote);
        if closed && !(quote == b'\'' && self.at(stop + 1) == b'\'') {
            let node = Node::slice(style, (start, stop + 1), (start + 1, stop));
            return Ok((stop + 1, node, false));
        }
        let from = self.tape.pool.len();
        let (end, multiline) = self.cook_quoted(start + 1, quote)?;
        let node = Node::pooled(style, (start, end), (from, self.tape.pool.len()));
        Ok((end, node, multiline))
    }

    /// Where ordinary characters of a quoted scalar end.
    #[inline]
    fn quoted_run(&self, mut offset: usize, quote: u8) -> usize {
        let special = |byte: u8| byte == quote || byte == b'\n' || (byte == b'\\' && quote == b'"');
        while offset < self.bytes.len() && !special(self.bytes[offset]) {
            offset += 1;
        }
        offset
    }

    /// Builds the text of a quoted scalar in the pool. Returns its end and whether it spans lines.
    fn cook_quoted(&mut self, mut offset: usize, quote: u8) -> Fast<(usize, bool)> {
        let text = self.text;
        // Text below this came from an escape: it is not trimmed before a line break.
        let mut keep = self.tape.pool.len();
        let mut multiline = false;
        loop {
            match self.bytes.get(offset) {
                None => return Err(Bail),
                Some(byte) if *byte == quote => {
                    if quote == b'\'' && self.at(offset + 1) == b'\'' {
                        self.tape.pool.push('\'');
                        offset += 2;
                        continue;
                    }
                    return Ok((offset + 1, multiline));
                }
                Some(b'\\') if quote == b'"' => {
                    if self.at(offset + 1) == b'\n' {
                        multiline = true;
                        offset = self.escaped_break(offset + 2);
                    } else {
                        offset = self.escape(offset + 1)?;
                    }
                    keep = self.tape.pool.len();
                }
                Some(b'\n') => {
                    multiline = true;
                    while self.tape.pool.len() > keep && self.tape.pool.ends_with([' ', '\t']) {
                        self.tape.pool.pop();
                    }
                    offset = self.line_break(offset + 1);
                }
                Some(_) => {
                    let run = self.quoted_run(offset, quote);
                    self.tape.pool.push_str(&text[offset..run]);
                    offset = run;
                }
            }
        }
    }

    /// A line break inside quotes: folded. Kubernetes' parser takes the next line at any column.
    fn line_break(&mut self, line: usize) -> usize {
        let gap = self.blank_lines(line);
        self.fold(gap.blanks);
        gap.next
    }

    /// An escaped line break: the break and the white space that begins the next line are left out.
    fn escaped_break(&mut self, line: usize) -> usize {
        let gap = self.blank_lines(line);
        self.tape.pool.extend(std::iter::repeat_n('\n', gap.blanks));
        gap.next
    }

    /// Like [`Parser::lines_between`], tabs included.
    fn blank_lines(&self, line: usize) -> Gap {
        let mut gap = Gap { next: line, line, blanks: 0 };
        while let Some(byte) = self.bytes.get(gap.next) {
            match byte {
                b' ' | b'\t' => gap.next += 1,
                b'\n' => {
                    gap.next += 1;
                    gap.line = gap.next;
                    gap.blanks += 1;
                }
                _ => break,
            }
        }
        gap
    }

    /// The character behind a backslash. go-yaml v2 does not know `\/`.
    fn escape(&mut self, offset: usize) -> Fast<usize> {
        let digits = match self.at(offset) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            byte => {
                let character = match byte {
                    b'n' => '\n',
                    b't' | b'\t' => '\t',
                    b'r' => '\r',
                    b'"' => '"',
                    b'\\' => '\\',
                    b' ' => ' ',
                    b'0' => '\0',
                    b'a' => '\x07',
                    b'b' => '\x08',
                    b'e' => '\x1b',
                    b'f' => '\x0c',
                    b'v' => '\x0b',
                    _ => return Err(Bail),
                };
                self.tape.pool.push(character);
                return Ok(offset + 1);
            }
        };
        let hex = self.text.get(offset + 1..offset + 1 + digits).ok_or(Bail)?;
        if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Bail);
        }
        let code = u32::from_str_radix(hex, 16).map_err(|_| Bail)?;
        self.tape.pool.push(char::from_u32(code).ok_or(Bail)?);
        Ok(offset + 1 + digits)
    }

    /// A literal or folded block scalar.
    pub(super) fn block_scalar(&mut self, start: usize, indicator: u8) -> Fast<usize> {
        let parent = self.parent_column()?;
        let (mut offset, mut chomp, mut explicit) = (start + 1, None, 0usize);
        for _ in 0..2 {
            match self.at(offset) {
                sign @ (b'+' | b'-') if chomp.is_none() => chomp = Some(sign),
                digit @ b'1'..=b'9' if explicit == 0 => explicit = usize::from(digit - b'0'),
                _ => break,
            }
            offset += 1;
        }
        let mut header_end = self.skip_spaces(offset);
        if self.at(header_end) == b'#' && header_end > offset {
            header_end = self.comment(header_end);
        }
        if self.at(header_end) != b'\n' {
            return Err(Bail);
        }
        let indent = if explicit > 0 {
            parent + explicit
        } else {
            self.block_indent((header_end + 1).min(self.bytes.len()), parent)?
        };
        let literal = indicator == b'|';
        let from = self.tape.pool.len();
        let lines = self.block_lines(header_end, indent, literal)?;
        let mut end = lines.end;
        if chomp != Some(b'-') && lines.ends_with_break {
            self.tape.pool.push('\n');
            end += 1;
        }
        if chomp == Some(b'+') {
            self.tape.pool.extend(std::iter::repeat_n('\n', lines.trailing));
            end = lines.next;
        }
        let end = end.min(self.bytes.len());
        self.position = lines.next;
        let style = if literal { Style::Literal } else { Style::Folded };
        self.put(Node::pooled(style, (start, end), (from, self.tape.pool.len())))?;
        Ok(end)
    }

    /// The indentation of a block scalar, from its first line with content.
    fn block_indent(&self, mut offset: usize, parent: usize) -> Fast<usize> {
        let mut widest_blank = 0;
        loop {
            let line = offset;
            offset = self.skip_spaces(offset).min(self.bytes.len());
            let indent = offset - line;
            match self.bytes.get(offset) {
                None => return Ok(widest_blank.max(indent).max(parent + 1)),
                Some(b'\n') => {
                    widest_blank = widest_blank.max(indent);
                    offset += 1;
                }
                Some(b'\t') => return Err(Bail),
                Some(_) if indent <= parent => return Ok(widest_blank.max(parent + 1)),
                Some(_) if widest_blank > indent => return Err(Bail),
                Some(_) => return Ok(indent),
            }
        }
    }

    /// The lines of a block scalar, into the pool.
    fn block_lines(&mut self, header_end: usize, indent: usize, literal: bool) -> Fast<BlockLines> {
        let text = self.text;
        let mut lines = BlockLines {
            next: (header_end + 1).min(self.bytes.len()),
            end: header_end,
            trailing: 0,
            ends_with_break: false,
        };
        let (mut any, mut previous_more) = (false, false);
        while lines.next < self.bytes.len() {
            let line = lines.next;
            let mut offset = line;
            while offset - line < indent && self.bytes.get(offset) == Some(&b' ') {
                offset += 1;
            }
            match self.bytes.get(offset) {
                None => {
                    lines.next = offset;
                    break;
                }
                Some(b'\n') => {
                    lines.trailing += 1;
                    lines.next = offset + 1;
                    continue;
                }
                Some(b'\t') if offset - line < indent => return Err(Bail),
                Some(_) if offset - line < indent => break,
                Some(_) => {}
            }
            let end = self.line_end(offset);
            let more = matches!(self.bytes[offset], b' ' | b'\t');
            if any {
                if literal || previous_more || more {
                    self.tape.pool.push('\n');
                } else if lines.trailing == 0 {
                    self.tape.pool.push(' ');
                }
            }
            self.tape.pool.extend(std::iter::repeat_n('\n', lines.trailing));
            self.tape.pool.push_str(&text[offset..end]);
            (any, previous_more) = (true, more);
            (lines.trailing, lines.end) = (0, end);
            lines.ends_with_break = end < self.bytes.len();
            lines.next = (end + 1).min(self.bytes.len());
        }
        Ok(lines)
    }
}

/// Where the lines of a block scalar lie.
struct BlockLines {
    /// First byte behind them and the empty lines that follow.
    next: usize,
    /// End of the last line with content.
    end: usize,
    /// Empty lines behind it.
    trailing: usize,
    /// The last line with content ends with a line break, not with the text.
    ends_with_break: bool,
}
