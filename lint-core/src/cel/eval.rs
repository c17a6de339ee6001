//! The value of an expression.

use std::{cmp::Ordering, rc::Rc};

use super::{
    Failure::{self, Unknown},
    functions::call,
    parse::{Expression, Macro},
    value::Cel,
};

/// Evaluates expressions with the variables that are in scope, for as many steps as it is given.
pub(crate) struct Evaluator<'v> {
    variables: Vec<(String, Cel<'v>)>,
    steps: u64,
}

type Value<'v> = Result<Cel<'v>, Failure>;

impl<'v> Evaluator<'v> {
    pub fn new(variable: &str, value: Cel<'v>, steps: u64) -> Self {
        Evaluator { variables: vec![(variable.to_owned(), value)], steps }
    }

    /// Steps that are left.
    pub fn left(&self) -> u64 {
        self.steps
    }

    /// Takes steps away.
    pub(super) fn pay(&mut self, steps: u64) -> Result<(), Failure> {
        self.steps = self.steps.saturating_sub(steps);
        if self.steps == 0 { Err(Unknown) } else { Ok(()) }
    }

    pub fn value(&mut self, expression: &Expression) -> Value<'v> {
        self.pay(1)?;
        match expression {
            Expression::Null => Ok(Cel::Null),
            Expression::Bool(value) => Ok(Cel::Bool(*value)),
            Expression::Int(value) => Ok(Cel::Int(*value)),
            Expression::Double(value) => Ok(Cel::Double(*value)),
            Expression::Text(text) => Ok(Cel::Text(text.clone().into())),
            Expression::Name(name) => {
                let found = self.variables.iter().rfind(|(known, _)| known == name);
                found.map(|(_, value)| value.clone()).ok_or(Unknown)
            }
            Expression::List(items) => Ok(Cel::List(self.values(items)?.into())),
            Expression::Map(entries) => {
                let pairs = entries.iter().map(|(key, value)| Ok((self.value(key)?, self.value(value)?)));
                Ok(Cel::Map(pairs.collect::<Result<Vec<_>, Failure>>()?.into()))
            }
            Expression::Select(holder, name) => {
                let holder = self.value(holder)?;
                field(&holder, name)?.ok_or(Failure::NoSuchKey)
            }
            Expression::Has(holder, name) => {
                let holder = self.value(holder)?;
                match field(&holder, name)? {
                    // Whether null is there depends on more than the value.
                    Some(Cel::Null) => Err(Unknown),
                    found => Ok(Cel::Bool(found.is_some())),
                }
            }
            Expression::Index(holder, index) => {
                let (holder, index) = (self.value(holder)?, self.value(index)?);
                self.index(&holder, &index)
            }
            Expression::Call(name, receiver, arguments) => {
                let receiver = receiver.as_ref().map(|receiver| self.value(receiver)).transpose()?;
                let arguments = self.values(arguments)?;
                call(self, name, receiver, &arguments)
            }
            Expression::Over(list, over, variables, parts) => {
                let list = self.value(list)?;
                self.over(&list, *over, variables, parts)
            }
            Expression::Not(inner) => Ok(Cel::Bool(!self.value(inner)?.truth()?)),
            Expression::Negative(inner) => match self.value(inner)? {
                Cel::Int(value) => value.checked_neg().map(Cel::Int).ok_or(Unknown),
                Cel::Double(value) => Ok(Cel::Double(-value)),
                Cel::Duration(value) => Ok(Cel::Duration(-value)),
                _ => Err(Unknown),
            },
            Expression::Binary(operator, left, right) => self.binary(operator, left, right),
            Expression::Choice(condition, yes, no) => {
                let condition = self.value(condition)?.truth()?;
                self.value(if condition { yes } else { no })
            }
        }
    }

    fn values(&mut self, expressions: &[Expression]) -> Result<Vec<Cel<'v>>, Failure> {
        expressions.iter().map(|expression| self.value(expression)).collect()
    }

    /// One side of `&&` and `||` decides where the other one has no value.
    fn binary(&mut self, operator: &str, left: &Expression, right: &Expression) -> Value<'v> {
        if let Some(decisive) = match operator {
            "&&" => Some(false),
            "||" => Some(true),
            _ => None,
        } {
            let left = self.value(left).and_then(|value| value.truth());
            if left == Ok(decisive) {
                return Ok(Cel::Bool(decisive));
            }
            let right = self.value(right).and_then(|value| value.truth());
            return match (left, right) {
                (_, Ok(right)) if right == decisive => Ok(Cel::Bool(decisive)),
                (Ok(_), right) => right.map(Cel::Bool),
                (Err(left), Ok(_)) => Err(left),
                (Err(left), Err(right)) => Err(left.worse(right)),
            };
        }
        let (left, right) = (self.value(left)?, self.value(right)?);
        match operator {
            "==" | "!=" => {
                self.pay(weight(&left))?;
                Ok(Cel::Bool(left.equals(&right)? == (operator == "==")))
            }
            "in" => self.is_in(&left, &right).map(Cel::Bool),
            "<" => Ok(Cel::Bool(left.compare(&right)? == Ordering::Less)),
            ">" => Ok(Cel::Bool(left.compare(&right)? == Ordering::Greater)),
            "<=" => Ok(Cel::Bool(left.compare(&right)? != Ordering::Greater)),
            ">=" => Ok(Cel::Bool(left.compare(&right)? != Ordering::Less)),
            _ => self.arithmetic(operator, &left, &right),
        }
    }

    fn is_in(&mut self, item: &Cel<'v>, holder: &Cel<'v>) -> Result<bool, Failure> {
        self.pay(weight(holder))?;
        match (holder, item) {
            (Cel::List(items), _) => {
                for one in items.iter() {
                    if one.equals(item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Cel::Object(object), Cel::Text(name)) => Ok(object.get(name)?.is_some()),
            (Cel::Map(entries), _) => {
                for (key, _) in entries.iter() {
                    if key.equals(item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Err(Unknown),
        }
    }

    fn index(&mut self, holder: &Cel<'v>, index: &Cel<'v>) -> Value<'v> {
        match (holder, index) {
            (Cel::List(items), Cel::Int(index)) => {
                let index = usize::try_from(*index).map_err(|_| Unknown)?;
                items.get(index).cloned().ok_or(Unknown)
            }
            (Cel::Object(object), Cel::Text(name)) => object.get(name)?.ok_or(Unknown),
            (Cel::Map(entries), _) => {
                self.pay(weight(holder))?;
                for (key, value) in entries.iter() {
                    if key.equals(index)? {
                        return Ok(value.clone());
                    }
                }
                Err(Unknown)
            }
            _ => Err(Unknown),
        }
    }

    fn arithmetic(&mut self, operator: &str, left: &Cel<'v>, right: &Cel<'v>) -> Value<'v> {
        match (left, right) {
            (Cel::Int(left), Cel::Int(right)) => {
                let value = match operator {
                    "+" => left.checked_add(*right),
                    "-" => left.checked_sub(*right),
                    "*" => left.checked_mul(*right),
                    "/" => left.checked_div(*right),
                    _ => left.checked_rem(*right),
                };
                value.map(Cel::Int).ok_or(Unknown)
            }
            (Cel::Double(left), Cel::Double(right)) => decimal(operator, *left, *right),
            // A whole number that the schema calls a number.
            (Cel::Int(left), Cel::Double(right)) => decimal(operator, *left as f64, *right),
            (Cel::Double(left), Cel::Int(right)) => decimal(operator, *left, *right as f64),
            (Cel::Text(left), Cel::Text(right)) if operator == "+" => {
                self.pay(((left.len() + right.len()) / 64) as u64)?;
                Ok(Cel::Text(format!("{left}{right}").into()))
            }
            (Cel::List(one), Cel::List(other)) if operator == "+" => {
                self.pay((one.len() * other.len() + one.len() + other.len()) as u64)?;
                // Of sets, the sum has each item once, and nobody tells here what is a set.
                for item in one.iter() {
                    if self.is_in(item, right)? {
                        return Err(Unknown);
                    }
                }
                Ok(Cel::List(one.iter().chain(other.iter()).cloned().collect()))
            }
            (Cel::Duration(left), Cel::Duration(right)) => match operator {
                "+" => Ok(Cel::Duration(left + right)),
                "-" => Ok(Cel::Duration(left - right)),
                _ => Err(Unknown),
            },
            _ => Err(Unknown),
        }
    }

    fn over(&mut self, list: &Cel<'v>, over: Macro, variables: &[String], parts: &[Expression]) -> Value<'v> {
        let rounds = rounds(list, variables.len())?;
        self.pay(rounds.len() as u64)?;
        let mut kept = Vec::new();
        let (mut failure, mut count) = (None, 0);
        for (first, second) in rounds {
            let depth = self.variables.len();
            self.variables.push((variables[0].clone(), first.clone()));
            if let (Some(name), Some(second)) = (variables.get(1), &second) {
                self.variables.push((name.clone(), second.clone()));
            }
            let result = self.value(&parts[0]);
            let kept_value = match (over, parts.get(1), &result) {
                (Macro::Map, None, _) => Some(result.clone()),
                (Macro::Map, Some(transform), Ok(Cel::Bool(true))) => Some(self.value(transform)),
                _ => None,
            };
            self.variables.truncate(depth);
            match (
                over,
                result.and_then(|value| {
                    if over == Macro::Map && parts.len() == 1 { Ok(true) } else { value.truth() }
                }),
            ) {
                (Macro::All, Ok(false)) => return Ok(Cel::Bool(false)),
                (Macro::Exists, Ok(true)) => return Ok(Cel::Bool(true)),
                (Macro::All | Macro::Exists, Err(other)) => {
                    failure = Some(failure.map_or(other, |one: Failure| one.worse(other)));
                }
                (Macro::All | Macro::Exists, Ok(_)) => {}
                (_, Err(failure)) => return Err(failure),
                (Macro::ExistsOne, Ok(one)) => count += usize::from(one),
                (Macro::Filter, Ok(true)) => kept.push(first),
                (Macro::Map, Ok(true)) => kept.push(kept_value.ok_or(Unknown)??),
                (Macro::Filter | Macro::Map, Ok(false)) => {}
            }
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        match over {
            Macro::All => Ok(Cel::Bool(true)),
            Macro::Exists => Ok(Cel::Bool(false)),
            Macro::ExistsOne => Ok(Cel::Bool(count == 1)),
            Macro::Filter | Macro::Map => Ok(Cel::List(kept.into())),
        }
    }
}

/// What the variables of a macro are in each round: items, or keys; with two of them, index or key, and value.
fn rounds<'v>(list: &Cel<'v>, variables: usize) -> Result<Vec<(Cel<'v>, Option<Cel<'v>>)>, Failure> {
    match list {
        Cel::List(items) if variables == 1 => Ok(items.iter().map(|item| (item.clone(), None)).collect()),
        Cel::List(items) => {
            let numbered = items.iter().enumerate();
            Ok(numbered.map(|(index, item)| (Cel::Int(index as i64), Some(item.clone()))).collect())
        }
        Cel::Object(object) => {
            let object = Rc::clone(object);
            let rounds = object.keys().into_iter().map(|key| {
                let value = if variables == 2 { object.get(&key)? } else { None };
                Ok((Cel::Text(key), value))
            });
            rounds.collect()
        }
        _ => Err(Unknown),
    }
}

/// A field of a mapping of the object. Names that are no identifiers are escaped in expressions.
fn field<'v>(holder: &Cel<'v>, name: &str) -> Result<Option<Cel<'v>>, Failure> {
    match holder {
        Cel::Object(object) => object.get(&unescaped(name)),
        _ => Err(Unknown),
    }
}

/// `__dot__` is `.`: `k8s.io/apiserver/pkg/cel/escaping.go`.
pub(super) fn unescaped(name: &str) -> String {
    let Some(at) = name.find("__") else { return name.to_owned() };
    let (head, rest) = (&name[..at], &name[at + 2..]);
    for (word, text) in [("underscores__", "__"), ("dot__", "."), ("dash__", "-"), ("slash__", "/")] {
        if let Some(after) = rest.strip_prefix(word) {
            return format!("{head}{text}{}", unescaped(after));
        }
    }
    // A reserved word in place of the whole name: `__namespace__`.
    match rest.strip_suffix("__") {
        Some(word) if head.is_empty() => word.to_owned(),
        _ => format!("{head}__{}", unescaped(rest)),
    }
}

fn decimal<'v>(operator: &str, left: f64, right: f64) -> Value<'v> {
    match operator {
        "+" => Ok(Cel::Double(left + right)),
        "-" => Ok(Cel::Double(left - right)),
        "*" => Ok(Cel::Double(left * right)),
        "/" => Ok(Cel::Double(left / right)),
        _ => Err(Unknown),
    }
}

/// Steps that looking at all of a value costs.
pub(super) fn weight(value: &Cel<'_>) -> u64 {
    match value {
        Cel::Text(text) => 1 + text.len() as u64 / 64,
        Cel::List(items) => 1 + items.iter().map(weight).sum::<u64>(),
        Cel::Map(entries) => 1 + entries.iter().map(|(key, value)| weight(key) + weight(value)).sum::<u64>(),
        Cel::Object(object) => 8 + object.keys().len() as u64,
        _ => 1,
    }
}
