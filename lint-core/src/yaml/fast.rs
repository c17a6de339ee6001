//! THROWAWAY prototype: arena ("tape") span tree for the block-style subset of YAML that
//! Kubernetes manifests use. Anything unusual => Err(Bail) and the caller uses a full parser.
use memchr::memchr;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Map,
    Seq,
    Plain,
    Single,
    Double,
    Literal,
    Folded,
    Alias,
}

/// 20 bytes. Pre-order; children of a Map alternate key,value.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub start: u32,
    pub end: u32,
    /// scalar: value location; container: `a` = index one past subtree, `b` = child count
    pub a: u32,
    pub b: u32,
    pub kind: Kind,
    /// scalar value lives in pool rather than in source
    pub owned: bool,
    pub flow: bool,
}
#[derive(Default)]
pub struct Tree {
    pub nodes: Vec<Node>,
    pub pool: String,
    pub docs: Vec<u32>, // root node index per document
    pub comments: Vec<(u32, u32)>,
}
impl Tree {
    #[inline]
    pub fn value<'a>(&'a self, src: &'a str, n: &Node) -> &'a str {
        if matches!(n.kind, Kind::Map | Kind::Seq) {
            return "";
        }
        let s = if n.owned { self.pool.as_str() } else { src };
        &s[n.a as usize..n.b as usize]
    }
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.pool.clear();
        self.docs.clear();
        self.comments.clear();
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bail {
    Control,
    Cr,
    Bom,
    UniBreak,
    Directive,
    TabIndent,
    DocContent,
    Anchor,
    Alias,
    Tag,
    ComplexKey,
    Reserved,
    Indent,
    RootScalar,
    ColonInPlain,
    LongKey,
    Quoted,
    QuotedMultiKey,
    Flow,
    BlockHeader,
    BlockScalar,
    PlainCont,
    CommentInPlain,
    TooBig,
    Depth,
    AfterValue,
    Merge,
    EmptyDocMix,
    Escape,
}
type R<T> = Result<T, Bail>;

struct Frame {
    node: u32,
    col: u32,
    seq: bool,
    await_val: bool,
    indentless: bool,
}

struct P<'a, 't> {
    s: &'a str,
    b: &'a [u8],
    t: &'t mut Tree,
    st: Vec<Frame>,
    pos: usize,
}

// class table: 1 = stops a plain scalar scan and needs a look (':' '#' '\n')
static STOP: [bool; 256] = {
    let mut t = [false; 256];
    t[b':' as usize] = true;
    t[b'#' as usize] = true;
    t[b'\n' as usize] = true;
    t
};

/// find next of ':' '#' '\n' from i
#[inline(always)]
fn stop(b: &[u8], mut i: usize) -> usize {
    // SWAR-free simple table scan; strings are short
    while i < b.len() && !STOP[b[i] as usize] {
        i += 1;
    }
    i
}
#[inline(always)]
fn eol(b: &[u8], i: usize) -> usize {
    memchr(b'\n', &b[i..]).map_or(b.len(), |k| i + k)
}

/// one vectorisable pass; the subset has no control chars except \n and \t
fn prefilter(b: &[u8]) -> R<()> {
    let mut bad = false;
    let mut hi = false;
    for c in b.chunks(4096) {
        let mut x = 0u8;
        let mut h = 0u8;
        for &v in c {
            x |= (((v < 0x20) & (v != b'\n') & (v != b'\t')) | (v == 0x7f)) as u8;
            h |= v;
        }
        bad |= x != 0;
        hi |= h & 0x80 != 0;
    }
    if bad {
        return Err(if memchr(b'\r', b).is_some() { Bail::Cr } else { Bail::Control });
    }
    if hi {
        if b.starts_with(&[0xEF, 0xBB, 0xBF]) {
            return Err(Bail::Bom);
        }
        let mut i = 0;
        while let Some(k) = memchr::memchr3(0xE2, 0xC2, 0xEF, &b[i..]) {
            let p = i + k;
            i = p + 1;
            match b[p] {
                0xE2 => {
                    if b.get(p + 1) == Some(&0x80) && matches!(b.get(p + 2), Some(0xA8 | 0xA9)) {
                        return Err(Bail::UniBreak);
                    }
                }
                0xC2 => {
                    if let Some(&c) = b.get(p + 1) {
                        if c < 0xA0 {
                            return Err(Bail::UniBreak);
                        }
                    }
                }
                _ => {
                    if matches!(
                        (b.get(p + 1), b.get(p + 2)),
                        (Some(0xBB), Some(0xBF)) | (Some(0xBF), Some(0xBE | 0xBF))
                    ) {
                        return Err(Bail::Bom);
                    }
                }
            }
        }
    }
    Ok(())
}

pub fn parse(s: &str, t: &mut Tree) -> R<()> {
    t.clear();
    let b = s.as_bytes();
    if b.len() >= u32::MAX as usize {
        return Err(Bail::TooBig);
    }
    prefilter(b)?;
    t.nodes.reserve(b.len() / 16);
    let mut p = P { s, b, t, st: Vec::with_capacity(32), pos: 0 };
    p.run()
}

impl<'a, 't> P<'a, 't> {
    #[inline(always)]
    fn at(&self, i: usize) -> u8 {
        if i < self.b.len() { self.b[i] } else { b'\n' }
    }
    #[inline]
    fn push(&mut self, n: Node) -> u32 {
        let i = self.t.nodes.len() as u32;
        self.t.nodes.push(n);
        i
    }
    #[inline]
    fn empty_scalar(&mut self, at: usize) {
        self.push(Node {
            start: at as u32,
            end: at as u32,
            a: at as u32,
            b: at as u32,
            kind: Kind::Plain,
            owned: false,
            flow: false,
        });
    }
    #[inline]
    fn close_top(&mut self, at: usize) {
        if self.st[self.st.len() - 1].await_val {
            self.empty_scalar(at);
        }
        let f = self.st.pop().unwrap();
        let n = self.t.nodes.len() as u32;
        let nd = &mut self.t.nodes[f.node as usize];
        nd.a = n;
        nd.end = at as u32;
    }
    fn close_doc(&mut self, at: usize) {
        while !self.st.is_empty() {
            self.close_top(at);
        }
    }
    #[inline]
    fn bump(&mut self, node: u32) {
        self.t.nodes[node as usize].b += 1;
    }

    fn run(&mut self) -> R<()> {
        let mut in_doc = false; // saw content or explicit ---
        let mut has_root = false;
        let mut last_end = 0usize;
        loop {
            if self.pos >= self.b.len() {
                break;
            }
            let ls = self.pos;
            let mut i = ls;
            while self.at(i) == b' ' {
                i += 1;
            }
            if i >= self.b.len() {
                break;
            }
            let c = self.b[i];
            if c == b'\n' {
                self.pos = i + 1;
                continue;
            }
            if c == b'#' {
                let e = eol(self.b, i);
                self.t.comments.push((i as u32, e as u32));
                self.pos = e + 1;
                continue;
            }
            if c == b'\t' {
                return Err(Bail::TabIndent);
            }
            let col = i - ls;
            if col == 0 {
                if c == b'-'
                    && self.b[i..].starts_with(b"---")
                    && matches!(self.at(i + 3), b' ' | b'\n' | b'\t')
                {
                    if in_doc && !has_root {
                        self.t.docs.push(self.t.nodes.len() as u32);
                        self.empty_scalar(ls);
                    }
                    self.close_doc(last_end);
                    in_doc = true;
                    has_root = false;
                    let mut j = i + 3;
                    while self.at(j) == b' ' {
                        j += 1;
                    }
                    if self.at(j) == b'#' {
                        let e = eol(self.b, j);
                        self.t.comments.push((j as u32, e as u32));
                        j = e;
                    }
                    if self.at(j) != b'\n' {
                        return Err(Bail::DocContent);
                    }
                    self.pos = j + 1;
                    continue;
                }
                if c == b'.'
                    && self.b[i..].starts_with(b"...")
                    && matches!(self.at(i + 3), b' ' | b'\n' | b'\t')
                {
                    return Err(Bail::DocContent);
                }
                if c == b'%' {
                    return Err(Bail::Directive);
                }
            }
            if self.st.is_empty() {
                if has_root {
                    return Err(Bail::Indent);
                }
                self.t.docs.push(self.t.nodes.len() as u32);
                in_doc = true;
                has_root = true;
            }
            last_end = self.line(ls, i, last_end)?;
        }
        if in_doc && !has_root {
            self.t.docs.push(self.t.nodes.len() as u32);
            self.empty_scalar(self.b.len());
        }
        self.close_doc(last_end);
        Ok(())
    }

    /// block content starting at byte i on the line starting at ls. returns end of last token.
    fn line(&mut self, ls: usize, mut i: usize, last_end: usize) -> R<usize> {
        let mut first = true;
        macro_rules! deeper {
            ($col:expr) => {
                if first {
                    if let Some(f) = self.st.last() {
                        if f.col >= $col {
                            return Err(Bail::Indent);
                        }
                    }
                }
            };
        }
        loop {
            let col = (i - ls) as u32;
            let c = self.at(i);
            if c == b'-' && matches!(self.at(i + 1), b' ' | b'\n') {
                if first {
                    while let Some(f) = self.st.last() {
                        if f.col > col {
                            self.close_top(last_end);
                        } else {
                            break;
                        }
                    }
                }
                let mut new = true;
                let mut indentless = false;
                if let Some(f) = self.st.last_mut() {
                    if f.col == col {
                        if f.seq {
                            new = false;
                            if f.await_val {
                                self.empty_scalar(last_end);
                            }
                        } else if f.await_val && first {
                            indentless = true;
                        } else {
                            return Err(Bail::Indent);
                        }
                    } else if !f.await_val {
                        return Err(Bail::Indent);
                    }
                }
                if new {
                    self.open(Kind::Seq, i, col, indentless)?;
                }
                let f = self.st.last_mut().unwrap();
                f.await_val = true;
                let n = f.node;
                self.bump(n);
                let dash = i;
                i += 1;
                while self.at(i) == b' ' {
                    i += 1;
                }
                match self.at(i) {
                    b'\n' => {
                        self.pos = i + 1;
                        return Ok(dash + 1);
                    }
                    b'#' => {
                        let e = eol(self.b, i);
                        self.t.comments.push((i as u32, e as u32));
                        self.pos = e + 1;
                        return Ok(dash + 1);
                    }
                    b'\t' => return Err(Bail::TabIndent),
                    _ => {
                        first = false;
                        continue;
                    }
                }
            }
            // scalar or key
            if first {
                while let Some(f) = self.st.last() {
                    if f.col > col || (f.col == col && f.indentless) {
                        self.close_top(last_end);
                    } else {
                        break;
                    }
                }
            }
            match c {
                b'&' => return Err(Bail::Anchor),
                b'*' => return Err(Bail::Alias),
                b'!' => return Err(Bail::Tag),
                b'@' | b'`' | b'%' | b',' | b']' | b'}' => return Err(Bail::Reserved),
                b'|' | b'>' => {
                    deeper!(col);
                    return self.block_scalar(i, c);
                }
                b'[' | b'{' => {
                    deeper!(col);
                    let e = self.flow(i)?;
                    return self.finish_line(e, true);
                }
                b'"' | b'\'' => {
                    let (e, node, multi) = self.quoted(i)?;
                    // key?
                    let mut j = e;
                    while self.at(j) == b' ' {
                        j += 1;
                    }
                    if self.at(j) == b':' && matches!(self.at(j + 1), b' ' | b'\n') {
                        if multi || e - i > 1000 {
                            return Err(Bail::QuotedMultiKey);
                        }
                        i = self.key(i, col, node, j, last_end)?;
                        if i == 0 {
                            return Ok(j + 1);
                        }
                        return self.value(i);
                    }
                    deeper!(col);
                    self.put_scalar(node)?;
                    return self.finish_line(e, true);
                }
                b'?' if matches!(self.at(i + 1), b' ' | b'\n' | b'\t') => return Err(Bail::ComplexKey),
                b':' if matches!(self.at(i + 1), b' ' | b'\n' | b'\t') => return Err(Bail::ComplexKey),
                b'-' if self.at(i + 1) == b'\t' => return Err(Bail::TabIndent),
                b'\t' => return Err(Bail::TabIndent),
                _ => {}
            }
            // plain: key or scalar
            let mut j = i;
            loop {
                j = stop(self.b, j);
                let d = self.at(j);
                if d == b':' {
                    if matches!(self.at(j + 1), b' ' | b'\n' | b'\t') {
                        break;
                    }
                    j += 1;
                } else if d == b'#' {
                    if matches!(self.b[j - 1], b' ' | b'\t') {
                        break;
                    }
                    j += 1;
                } else {
                    break;
                }
            }
            if j < self.b.len() && self.b[j] == b':' {
                if self.at(j + 1) == b'\t' {
                    return Err(Bail::TabIndent);
                }
                if j - i > 1000 {
                    return Err(Bail::LongKey);
                }
                let mut e = j;
                while e > i && matches!(self.b[e - 1], b' ' | b'\t') {
                    e -= 1;
                }
                if e - i == 2 && &self.b[i..e] == b"<<" {
                    return Err(Bail::Merge);
                }
                let node = Node {
                    start: i as u32,
                    end: e as u32,
                    a: i as u32,
                    b: e as u32,
                    kind: Kind::Plain,
                    owned: false,
                    flow: false,
                };
                i = self.key(i, col, node, j, last_end)?;
                if i == 0 {
                    return Ok(j + 1);
                }
                return self.value(i);
            }
            deeper!(col);
            return self.plain_scalar(i, j);
        }
    }
    fn open(&mut self, kind: Kind, i: usize, col: u32, indentless: bool) -> R<()> {
        if self.st.len() > 200 {
            return Err(Bail::Depth);
        }
        if let Some(f) = self.st.last_mut() {
            f.await_val = false;
        } else if self.t.docs.last() != Some(&(self.t.nodes.len() as u32)) {
            return Err(Bail::Indent);
        }
        let node = self.push(Node { start: i as u32, end: 0, a: 0, b: 0, kind, owned: false, flow: false });
        self.st.push(Frame { node, col, seq: kind == Kind::Seq, await_val: false, indentless });
        Ok(())
    }
    /// register key; returns start of the value on the same line, or 0 when the line is finished.
    #[inline]
    fn key(&mut self, i: usize, col: u32, node: Node, colon: usize, last_end: usize) -> R<usize> {
        let mut new = true;
        if let Some(f) = self.st.last() {
            if f.col == col {
                if f.seq {
                    return Err(Bail::Indent);
                }
                new = false;
                if f.await_val {
                    self.empty_scalar(last_end);
                }
            } else if !f.await_val {
                return Err(Bail::Indent);
            }
        }
        if new {
            self.open(Kind::Map, i, col, false)?;
        }
        let f = self.st.last_mut().unwrap();
        f.await_val = true;
        let n = f.node;
        self.bump(n);
        self.push(node);
        let mut j = colon + 1;
        while self.at(j) == b' ' {
            j += 1;
        }
        match self.at(j) {
            b'\n' => {
                self.pos = j + 1;
                Ok(0)
            }
            b'#' => {
                let e = eol(self.b, j);
                self.t.comments.push((j as u32, e as u32));
                self.pos = e + 1;
                Ok(0)
            }
            b'\t' => Err(Bail::TabIndent),
            _ => Ok(j),
        }
    }
    #[inline]
    fn value(&mut self, i: usize) -> R<usize> {
        match self.b[i] {
            b'&' => Err(Bail::Anchor),
            b'*' => Err(Bail::Alias),
            b'!' => Err(Bail::Tag),
            b'@' | b'`' | b'%' | b',' | b']' | b'}' => Err(Bail::Reserved),
            c @ (b'|' | b'>') => self.block_scalar(i, c),
            b'[' | b'{' => {
                let e = self.flow(i)?;
                self.finish_line(e, false)
            }
            b'"' | b'\'' => {
                let (e, n, _) = self.quoted(i)?;
                self.put_scalar(n)?;
                self.finish_line(e, false)
            }
            b'-' | b'?' | b':' if matches!(self.at(i + 1), b' ' | b'\n' | b'\t') => Err(Bail::Indent),
            _ => {
                let mut j = i;
                loop {
                    j = stop(self.b, j);
                    let d = self.at(j);
                    if d == b':' {
                        if matches!(self.at(j + 1), b' ' | b'\n' | b'\t') {
                            return Err(Bail::ColonInPlain);
                        }
                        j += 1;
                    } else if d == b'#' {
                        if matches!(self.b[j - 1], b' ' | b'\t') {
                            break;
                        }
                        j += 1;
                    } else {
                        break;
                    }
                }
                self.plain_scalar(i, j)
            }
        }
    }
    #[inline]
    fn put_scalar(&mut self, n: Node) -> R<()> {
        match self.st.last_mut() {
            Some(f) if f.await_val => {
                f.await_val = false;
            }
            _ => return Err(Bail::RootScalar),
        }
        self.push(n);
        Ok(())
    }
    /// after a quoted/flow value: only spaces/comment allowed
    fn finish_line(&mut self, e: usize, _maybe_key: bool) -> R<usize> {
        let mut j = e;
        while self.at(j) == b' ' {
            j += 1;
        }
        match self.at(j) {
            b'\n' => {
                self.pos = j + 1;
                Ok(e)
            }
            b'#' if j > e => {
                let x = eol(self.b, j);
                self.t.comments.push((j as u32, x as u32));
                self.pos = x + 1;
                Ok(e)
            }
            _ => Err(Bail::AfterValue),
        }
    }
    /// plain scalar [i, j) where j is at '\n', EOF or '#'
    fn plain_scalar(&mut self, i: usize, j: usize) -> R<usize> {
        let parent = match self.st.last() {
            Some(f) if f.await_val => f.col as usize,
            _ => return Err(Bail::RootScalar),
        };
        let mut e = j;
        while e > i && matches!(self.b[e - 1], b' ' | b'\t') {
            e -= 1;
        }
        if self.at(j) == b'#' {
            let x = eol(self.b, j);
            self.t.comments.push((j as u32, x as u32));
            self.pos = x + 1;
            // a continuation after a comment is an error in YAML; let the full parser say so
            let mut k = x + 1;
            let mut nl = k;
            while k < self.b.len() {
                match self.b[k] {
                    b' ' => k += 1,
                    b'\n' => {
                        k += 1;
                        nl = k;
                    }
                    _ => break,
                }
            }
            if k < self.b.len() && k - nl > parent && self.b[k] != b'#' {
                return Err(Bail::CommentInPlain);
            }
            self.put_scalar(Node {
                start: i as u32,
                end: e as u32,
                a: i as u32,
                b: e as u32,
                kind: Kind::Plain,
                owned: false,
                flow: false,
            })?;
            return Ok(e);
        }
        // look at the next non-blank line
        let mut k = j + 1;
        let mut nl = k;
        let mut blanks = 0usize;
        macro_rules! skip {
            () => {
                while k < self.b.len() {
                    match self.b[k] {
                        b' ' => k += 1,
                        b'\n' => {
                            k += 1;
                            nl = k;
                            blanks += 1;
                        }
                        _ => break,
                    }
                }
            };
        }
        if self.at(k) == b' ' || self.at(k) == b'\n' {
            skip!();
        }
        if k >= self.b.len() || k - nl <= parent || self.b[k] == b'#' {
            if k < self.b.len() && self.b[k] == b'\t' && k - nl > 0 {
                return Err(Bail::TabIndent);
            }
            self.pos = j + 1;
            self.put_scalar(Node {
                start: i as u32,
                end: e as u32,
                a: i as u32,
                b: e as u32,
                kind: Kind::Plain,
                owned: false,
                flow: false,
            })?;
            return Ok(e);
        }
        // multi-line: fold into the pool
        let p0 = self.t.pool.len();
        self.t.pool.push_str(&self.s[i..e]);
        loop {
            if self.b[k] == b'\t' {
                return Err(Bail::TabIndent);
            }
            if blanks == 0 {
                self.t.pool.push(' ');
            } else {
                for _ in 0..blanks {
                    self.t.pool.push('\n');
                }
            }
            let ps = k;
            let mut q = k;
            let mut comment = false;
            loop {
                q = stop(self.b, q);
                let d = self.at(q);
                if d == b':' {
                    if matches!(self.at(q + 1), b' ' | b'\n' | b'\t') {
                        return Err(Bail::ColonInPlain);
                    }
                    q += 1;
                } else if d == b'#' {
                    if matches!(self.b[q - 1], b' ' | b'\t') {
                        comment = true;
                        break;
                    }
                    q += 1;
                } else {
                    break;
                }
            }
            e = q;
            while e > ps && matches!(self.b[e - 1], b' ' | b'\t') {
                e -= 1;
            }
            let st = self.s;
            self.t.pool.push_str(&st[ps..e]);
            if comment {
                return Err(Bail::CommentInPlain);
            }
            k = q + 1;
            nl = k;
            blanks = 0;
            let line_end = q;
            skip!();
            if k >= self.b.len() || k - nl <= parent || self.b[k] == b'#' {
                self.pos = line_end + 1;
                break;
            }
        }
        let p1 = self.t.pool.len();
        self.put_scalar(Node {
            start: i as u32,
            end: e as u32,
            a: p0 as u32,
            b: p1 as u32,
            kind: Kind::Plain,
            owned: true,
            flow: false,
        })?;
        Ok(e)
    }

    /// returns (end, node, multiline)
    fn quoted(&mut self, i: usize) -> R<(usize, Node, bool)> {
        let q = self.b[i];
        let kind = if q == b'"' { Kind::Double } else { Kind::Single };
        // fast: no escapes, no newline
        let mut j = i + 1;
        if q == b'"' {
            while j < self.b.len() && self.b[j] != b'"' && self.b[j] != b'\\' && self.b[j] != b'\n' {
                j += 1;
            }
        } else {
            while j < self.b.len() && self.b[j] != b'\'' && self.b[j] != b'\n' {
                j += 1;
            }
        }
        if j >= self.b.len() {
            return Err(Bail::Quoted);
        }
        if self.b[j] == q && !(q == b'\'' && self.at(j + 1) == b'\'') {
            return Ok((
                j + 1,
                Node {
                    start: i as u32,
                    end: (j + 1) as u32,
                    a: (i + 1) as u32,
                    b: j as u32,
                    kind,
                    owned: false,
                    flow: false,
                },
                false,
            ));
        }
        // slow: build in pool
        let p0 = self.t.pool.len();
        let parent: isize = match self.st.last() {
            Some(f) => f.col as isize,
            None => -1,
        };
        let s = self.s;
        self.t.pool.push_str(&s[i + 1..j]);
        let mut keep = p0; // pool content below this came from an escape and must not be trimmed
        let mut multi = false;
        loop {
            if j >= self.b.len() {
                return Err(Bail::Quoted);
            }
            let c = self.b[j];
            if c == q {
                if q == b'\'' && self.at(j + 1) == b'\'' {
                    self.t.pool.push('\'');
                    j += 2;
                } else {
                    break;
                }
            } else if c == b'\\' && q == b'"' {
                let d = self.at(j + 1);
                j += 2;
                match d {
                    b'n' => self.t.pool.push('\n'),
                    b't' | b'\t' => self.t.pool.push('\t'),
                    b'r' => self.t.pool.push('\r'),
                    b'"' => self.t.pool.push('"'),
                    b'\\' => self.t.pool.push('\\'),
                    b'/' => self.t.pool.push('/'),
                    b' ' => self.t.pool.push(' '),
                    b'0' => self.t.pool.push('\0'),
                    b'a' => self.t.pool.push('\x07'),
                    b'b' => self.t.pool.push('\x08'),
                    b'e' => self.t.pool.push('\x1b'),
                    b'f' => self.t.pool.push('\x0c'),
                    b'v' => self.t.pool.push('\x0b'),
                    b'x' | b'u' | b'U' => {
                        let n = match d {
                            b'x' => 2,
                            b'u' => 4,
                            _ => 8,
                        };
                        let h = s.get(j..j + n).ok_or(Bail::Escape)?;
                        if !h.bytes().all(|c| c.is_ascii_hexdigit()) {
                            return Err(Bail::Escape);
                        }
                        let v = u32::from_str_radix(h, 16).map_err(|_| Bail::Escape)?;
                        self.t.pool.push(char::from_u32(v).ok_or(Bail::Escape)?);
                        j += n;
                    }
                    b'\n' => {
                        // escaped line break: skip leading white of the next lines
                        multi = true;
                        let mut k = j;
                        let mut nl = k;
                        let mut breaks = 0;
                        while k < self.b.len() {
                            match self.b[k] {
                                b' ' | b'\t' => k += 1,
                                b'\n' => {
                                    k += 1;
                                    nl = k;
                                    breaks += 1;
                                }
                                _ => break,
                            }
                        }
                        if (k - nl) as isize <= parent {
                            return Err(Bail::Quoted);
                        }
                        for _ in 0..breaks {
                            self.t.pool.push('\n');
                        }
                        j = k;
                    }
                    _ => return Err(Bail::Escape),
                }
                keep = self.t.pool.len();
            } else if c == b'\n' {
                multi = true;
                while self.t.pool.len() > keep
                    && matches!(self.t.pool.as_bytes()[self.t.pool.len() - 1], b' ' | b'\t')
                {
                    let l = self.t.pool.len();
                    self.t.pool.truncate(l - 1);
                }
                let mut k = j + 1;
                let mut nl = k;
                let mut breaks = 0;
                while k < self.b.len() {
                    match self.b[k] {
                        b' ' | b'\t' => k += 1,
                        b'\n' => {
                            k += 1;
                            nl = k;
                            breaks += 1;
                        }
                        _ => break,
                    }
                }
                if k >= self.b.len() {
                    return Err(Bail::Quoted);
                }
                if (k - nl) as isize <= parent {
                    return Err(Bail::Quoted);
                }
                if self.b[nl..k].contains(&b'\t') {
                    return Err(Bail::TabIndent);
                }
                if breaks == 0 {
                    self.t.pool.push(' ');
                } else {
                    for _ in 0..breaks {
                        self.t.pool.push('\n');
                    }
                }
                j = k;
            } else {
                let k0 = j;
                while j < self.b.len() && self.b[j] != q && self.b[j] != b'\\' && self.b[j] != b'\n' {
                    j += 1;
                }
                if j == k0 {
                    j += 1;
                } // '\\' inside single quotes
                self.t.pool.push_str(&s[k0..j]);
            }
        }
        let p1 = self.t.pool.len();
        Ok((
            j + 1,
            Node {
                start: i as u32,
                end: (j + 1) as u32,
                a: p0 as u32,
                b: p1 as u32,
                kind,
                owned: true,
                flow: false,
            },
            multi,
        ))
    }

    fn block_scalar(&mut self, i: usize, c: u8) -> R<usize> {
        let parent = match self.st.last() {
            Some(f) if f.await_val => f.col as usize,
            _ => return Err(Bail::RootScalar),
        };
        let mut j = i + 1;
        let mut chomp = 0i8;
        let mut explicit = 0usize;
        for _ in 0..2 {
            match self.at(j) {
                b'+' if chomp == 0 => {
                    chomp = 1;
                    j += 1;
                }
                b'-' if chomp == 0 => {
                    chomp = -1;
                    j += 1;
                }
                d @ b'1'..=b'9' if explicit == 0 => {
                    explicit = (d - b'0') as usize;
                    j += 1;
                }
                _ => {}
            }
        }
        let sp = j;
        while self.at(j) == b' ' {
            j += 1;
        }
        if self.at(j) == b'#' && j > sp {
            let e = eol(self.b, j);
            self.t.comments.push((j as u32, e as u32));
            j = e;
        }
        if self.at(j) != b'\n' {
            return Err(Bail::BlockHeader);
        }
        let mut k = j + 1;
        // detect indent
        let indent;
        if explicit > 0 {
            indent = parent + explicit;
        } else {
            let mut m = k;
            let mut maxblank = 0;
            loop {
                let l = m;
                while self.at(m) == b' ' {
                    m += 1;
                }
                if m >= self.b.len() {
                    maxblank = maxblank.max(m - l.min(m));
                    indent = maxblank.max(parent + 1);
                    break;
                }
                if self.b[m] == b'\n' {
                    maxblank = maxblank.max(m - l);
                    m += 1;
                    continue;
                }
                if self.b[m] == b'\t' && m - l <= parent {
                    return Err(Bail::TabIndent);
                }
                let ind = m - l;
                if self.b[m] == b'\t' {
                    return Err(Bail::TabIndent);
                }
                if ind <= parent {
                    indent = maxblank.max(parent + 1);
                    break;
                }
                if maxblank > ind {
                    return Err(Bail::BlockScalar);
                }
                indent = ind;
                break;
            }
        }
        // lines
        let p0 = self.t.pool.len();
        let s = self.s;
        let literal = c == b'|';
        let mut trailing = 0usize; // pending line breaks
        let mut have = false;
        let mut prev_more = false;
        let mut first_break = false;
        let mut end = j;
        loop {
            if k >= self.b.len() {
                break;
            }
            let ls = k;
            let mut m = k;
            while m - ls < indent && self.at(m) == b' ' && m < self.b.len() {
                m += 1;
            }
            if m >= self.b.len() {
                k = m;
                break;
            }
            if self.b[m] == b'\n' {
                if have || true {
                    trailing += 1;
                }
                k = m + 1;
                continue;
            }
            if m - ls < indent {
                if self.b[m] == b'\t' {
                    return Err(Bail::TabIndent);
                }
                break;
            }
            // content line
            let e = eol(self.b, m);
            let more = matches!(self.b[m], b' ' | b'\t');
            if literal {
                if have {
                    self.t.pool.push('\n');
                }
                for _ in 0..trailing {
                    self.t.pool.push('\n');
                }
            } else {
                if have {
                    if first_break && !prev_more && !more {
                        if trailing == 0 {
                            self.t.pool.push(' ');
                        }
                    } else {
                        self.t.pool.push('\n');
                    }
                }
                for _ in 0..trailing {
                    self.t.pool.push('\n');
                }
            }
            trailing = 0;
            have = true;
            first_break = true;
            prev_more = more;
            self.t.pool.push_str(&s[m..e]);
            end = e;
            if e >= self.b.len() {
                k = e;
                first_break = false;
                break;
            }
            k = e + 1;
        }
        let ended_with_break = have && first_break;
        match chomp {
            -1 => {}
            0 => {
                if ended_with_break {
                    self.t.pool.push('\n');
                    end += 1;
                }
            }
            _ => {
                if ended_with_break {
                    self.t.pool.push('\n');
                }
                for _ in 0..trailing {
                    self.t.pool.push('\n');
                }
                end = k.min(self.b.len());
            }
        }
        self.pos = k;
        let p1 = self.t.pool.len();
        let kind = if literal { Kind::Literal } else { Kind::Folded };
        self.put_scalar(Node {
            start: i as u32,
            end: end.min(self.b.len()) as u32,
            a: p0 as u32,
            b: p1 as u32,
            kind,
            owned: true,
            flow: false,
        })?;
        Ok(end.min(self.b.len()))
    }

    /// simple flow collections (may span lines, no comments inside, quoted scalars single line)
    fn flow(&mut self, i: usize) -> R<usize> {
        let parent = match self.st.last_mut() {
            Some(f) if f.await_val => {
                f.await_val = false;
                f.col as isize
            }
            _ => return Err(Bail::RootScalar),
        };
        self.flow_node(i, parent, 0)
    }
    fn fws(&self, mut i: usize, parent: isize) -> R<usize> {
        let mut nl = None;
        loop {
            match self.at(i) {
                b' ' => i += 1,
                b'\n' => {
                    if i >= self.b.len() {
                        return Err(Bail::Flow);
                    }
                    i += 1;
                    nl = Some(i);
                }
                b'#' | b'\t' => return Err(Bail::Flow),
                _ => break,
            }
        }
        if let Some(n) = nl {
            if (i - n) as isize <= parent {
                return Err(Bail::Flow);
            }
        }
        Ok(i)
    }
    fn flow_node(&mut self, i: usize, parent: isize, depth: u32) -> R<usize> {
        if depth > 64 {
            return Err(Bail::Depth);
        }
        let c = self.at(i);
        match c {
            b'[' => {
                let me = self.push(Node {
                    start: i as u32,
                    end: 0,
                    a: 0,
                    b: 0,
                    kind: Kind::Seq,
                    owned: false,
                    flow: true,
                });
                let mut j = self.fws(i + 1, parent)?;
                loop {
                    if self.at(j) == b']' {
                        break;
                    }
                    self.bump(me);
                    j = self.flow_node(j, parent, depth + 1)?;
                    j = self.fws(j, parent)?;
                    match self.at(j) {
                        b',' => j = self.fws(j + 1, parent)?,
                        b']' => {}
                        _ => return Err(Bail::Flow),
                    }
                }
                let n = self.t.nodes.len() as u32;
                let nd = &mut self.t.nodes[me as usize];
                nd.a = n;
                nd.end = (j + 1) as u32;
                Ok(j + 1)
            }
            b'{' => {
                let me = self.push(Node {
                    start: i as u32,
                    end: 0,
                    a: 0,
                    b: 0,
                    kind: Kind::Map,
                    owned: false,
                    flow: true,
                });
                let mut j = self.fws(i + 1, parent)?;
                loop {
                    if self.at(j) == b'}' {
                        break;
                    }
                    self.bump(me);
                    if matches!(self.at(j), b'[' | b'{') {
                        return Err(Bail::Flow);
                    }
                    let k0 = self.t.nodes.len();
                    let ks = j;
                    j = self.flow_scalar(j, parent)?;
                    let quoted = self.t.nodes[k0].kind != Kind::Plain;
                    if self.b[ks..j].contains(&b'\n') || j - ks > 1000 {
                        return Err(Bail::Flow);
                    }
                    if &self.b[ks..j] == b"<<" {
                        return Err(Bail::Merge);
                    }
                    let mut m = j;
                    while self.at(m) == b' ' {
                        m += 1;
                    }
                    if self.at(m) != b':' {
                        return Err(Bail::Flow);
                    }
                    if !(matches!(self.at(m + 1), b' ' | b'\n') || (quoted && false)) {
                        return Err(Bail::Flow);
                    }
                    j = self.fws(m + 1, parent)?;
                    if matches!(self.at(j), b',' | b'}') {
                        self.empty_scalar(m + 1);
                    } else {
                        j = self.flow_node(j, parent, depth + 1)?;
                        j = self.fws(j, parent)?;
                    }
                    match self.at(j) {
                        b',' => j = self.fws(j + 1, parent)?,
                        b'}' => {}
                        _ => return Err(Bail::Flow),
                    }
                }
                let n = self.t.nodes.len() as u32;
                let nd = &mut self.t.nodes[me as usize];
                nd.a = n;
                nd.end = (j + 1) as u32;
                Ok(j + 1)
            }
            _ => self.flow_scalar(i, parent),
        }
    }
    fn flow_scalar(&mut self, i: usize, _parent: isize) -> R<usize> {
        match self.at(i) {
            b'"' | b'\'' => {
                let (e, mut n, m) = self.quoted(i)?;
                if m {
                    return Err(Bail::Flow);
                }
                n.flow = true;
                self.push(n);
                Ok(e)
            }
            b'&' => Err(Bail::Anchor),
            b'*' => Err(Bail::Alias),
            b'!' => Err(Bail::Tag),
            b'@' | b'`' | b'%' | b'|' | b'>' | b',' | b']' | b'}' | b'\n' | b'?' | b':' => Err(Bail::Flow),
            b'-' if matches!(self.at(i + 1), b' ' | b'\n' | b',' | b']' | b'}') => Err(Bail::Flow),
            _ => {
                let mut j = i;
                loop {
                    match self.at(j) {
                        b'\n' => return Err(Bail::Flow), // plain scalar running over a line end: rare
                        b',' | b']' | b'}' => break,
                        b'[' | b'{' | b'?' => return Err(Bail::Flow),
                        b':' => {
                            if self.at(j + 1) == b'\t' {
                                return Err(Bail::Flow);
                            }
                            if matches!(self.at(j + 1), b' ' | b'\n') {
                                break;
                            }
                            if matches!(self.at(j + 1), b',' | b'[' | b']' | b'{' | b'}') {
                                return Err(Bail::Flow);
                            }
                            j += 1;
                        }
                        b'#' => return Err(Bail::Flow),
                        _ => j += 1,
                    }
                }
                let mut e = j;
                while e > i && matches!(self.b[e - 1], b' ' | b'\t') {
                    e -= 1;
                }
                self.push(Node {
                    start: i as u32,
                    end: e as u32,
                    a: i as u32,
                    b: e as u32,
                    kind: Kind::Plain,
                    owned: false,
                    flow: true,
                });
                // element followed by ':' inside a sequence (single-pair map) => caller sees ':' and bails
                Ok(e)
            }
        }
    }
}
