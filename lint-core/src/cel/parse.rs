//! From words to a tree.

use super::{
    Failure::{self, Unknown},
    lex::{Token, tokens},
};

/// Longer expressions are not read.
const MAX_LENGTH: usize = 1 << 14;
/// Deeper ones neither.
const MAX_DEPTH: usize = 60;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
    Name(String),
    List(Vec<Expression>),
    Map(Vec<(Expression, Expression)>),
    Select(Box<Expression>, String),
    Index(Box<Expression>, Box<Expression>),
    /// Function, receiver and arguments.
    Call(String, Option<Box<Expression>>, Vec<Expression>),
    /// `has(a.b)`
    Has(Box<Expression>, String),
    /// `list.all(x, …)` and its kin: the list, what is done, the variables, the parts.
    Over(Box<Expression>, Macro, Vec<String>, Vec<Expression>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
    Choice(Box<Expression>, Box<Expression>, Box<Expression>),
}

/// What is done with each item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Expression, Failure> {
    if text.len() > MAX_LENGTH {
        return Err(Unknown);
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expression = parser.expression()?;
    if parser.at == parser.tokens.len() { Ok(expression) } else { Err(Unknown) }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// Operators from the weakest to the strongest.
const LEVELS: &[&[&str]] =
    &[&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">", "in"], &["+", "-"], &["*", "/", "%"]];

type Parsed = Result<Expression, Failure>;

impl Parser {
    fn next(&mut self) -> Result<Token, Failure> {
        let token = self.tokens.get(self.at).cloned().ok_or(Unknown)?;
        self.at += 1;
        Ok(token)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Sign(next)) if *next == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let there = self.is_sign(sign);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, sign: &str) -> Result<(), Failure> {
        if self.take(sign) { Ok(()) } else { Err(Unknown) }
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unknown);
        }
        let condition = self.binary(0)?;
        let expression = if self.take("?") {
            let yes = self.binary(0)?;
            self.expect(":")?;
            Expression::Choice(condition.into(), yes.into(), self.expression()?.into())
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        let found = match self.tokens.get(self.at)? {
            Token::Sign(sign) => LEVELS[level].iter().find(|one| *one == sign),
            Token::Name(name) => LEVELS[level].iter().find(|one| **one == "in" && name == "in"),
            _ => None,
        }?;
        self.at += 1;
        Some(found)
    }

    fn binary(&mut self, level: usize) -> Parsed {
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        let mut length = 0;
        while let Some(operator) = self.operator(level) {
            length += 1;
            if length > MAX_DEPTH {
                return Err(Unknown);
            }
            left = Expression::Binary(operator, left.into(), self.binary(level + 1)?.into());
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        for (sign, wrap) in [("!", Expression::Not as fn(_) -> _), ("-", Expression::Negative)] {
            if self.take(sign) {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Unknown);
                }
                let inner = self.unary()?;
                self.depth -= 1;
                return Ok(wrap(Box::new(inner)));
            }
        }
        self.member()
    }

    fn member(&mut self) -> Parsed {
        let mut expression = self.primary()?;
        let mut length = 0;
        loop {
            length += 1;
            if length > MAX_DEPTH {
                return Err(Unknown);
            }
            expression = if self.take(".") {
                let Token::Name(name) = self.next()? else { return Err(Unknown) };
                if self.take("(") {
                    let arguments = self.list(")")?;
                    call(name, Some(expression), arguments)?
                } else {
                    Expression::Select(expression.into(), name)
                }
            } else if self.take("[") {
                let index = self.expression()?;
                self.expect("]")?;
                Expression::Index(expression.into(), index.into())
            } else {
                return Ok(expression);
            };
        }
    }

    fn primary(&mut self) -> Parsed {
        match self.next()? {
            Token::Int(value) => Ok(Expression::Int(value)),
            Token::Double(value) => Ok(Expression::Double(value)),
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Name(name) => match name.as_str() {
                "true" => Ok(Expression::Bool(true)),
                "false" => Ok(Expression::Bool(false)),
                "null" => Ok(Expression::Null),
                _ if self.take("(") => {
                    let arguments = self.list(")")?;
                    call(name, None, arguments)
                }
                // A message: no such type is known.
                _ if self.is_sign("{") => Err(Unknown),
                _ => Ok(Expression::Name(name)),
            },
            Token::Sign("(") => {
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => Ok(Expression::List(self.list("]")?)),
            Token::Sign("{") => {
                let mut entries = Vec::new();
                while !self.take("}") {
                    let key = self.expression()?;
                    self.expect(":")?;
                    entries.push((key, self.expression()?));
                    if !self.take(",") && !self.is_sign("}") {
                        return Err(Unknown);
                    }
                }
                Ok(Expression::Map(entries))
            }
            Token::Sign(_) => Err(Unknown),
        }
    }

    /// Expressions up to a closing bracket, which is taken.
    fn list(&mut self, end: &str) -> Result<Vec<Expression>, Failure> {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.expression()?);
            if !self.take(",") && !self.is_sign(end) {
                return Err(Unknown);
            }
        }
        Ok(items)
    }
}

/// A call, or the macro of this name.
fn call(name: String, receiver: Option<Expression>, mut arguments: Vec<Expression>) -> Parsed {
    let over = match name.as_str() {
        "all" => Some(Macro::All),
        "exists" => Some(Macro::Exists),
        "exists_one" | "existsOne" => Some(Macro::ExistsOne),
        "filter" => Some(Macro::Filter),
        "map" => Some(Macro::Map),
        _ => None,
    };
    match (over, receiver) {
        (Some(over), Some(list)) => {
            // The second form of `map` has a condition; of the others, a second variable.
            let parts = if over == Macro::Map { arguments.len().saturating_sub(1).clamp(1, 2) } else { 1 };
            let count =
                arguments.len().checked_sub(parts).filter(|count| matches!(count, 1 | 2)).ok_or(Unknown)?;
            let rest = arguments.split_off(count);
            let variables = arguments.into_iter().map(|argument| match argument {
                Expression::Name(name) => Ok(name),
                _ => Err(Unknown),
            });
            Ok(Expression::Over(list.into(), over, variables.collect::<Result<_, _>>()?, rest))
        }
        (None, None) if name == "has" => match arguments.pop() {
            Some(Expression::Select(holder, field)) if arguments.is_empty() => {
                Ok(Expression::Has(holder, field))
            }
            _ => Err(Unknown),
        },
        (_, receiver) => Ok(Expression::Call(name, receiver.map(Box::new), arguments)),
    }
}
