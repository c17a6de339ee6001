//! Values of expressions.

use std::{borrow::Cow, cmp::Ordering, fmt, rc::Rc};

use super::Failure::{self, Unknown};
use crate::kubernetes::values::quantity::Quantity;

/// A collection that belongs to somebody else: read when it is asked.
pub(crate) trait Source<'v>: fmt::Debug {
    /// A field of a mapping, or `None` where it is not there.
    fn get(&self, name: &str) -> Result<Option<Cel<'v>>, Failure>;
    /// The keys of a mapping.
    fn keys(&self) -> Vec<Cow<'v, str>>;
    /// The items of a list; `None` for a mapping.
    fn items(&self) -> Option<Result<Vec<Cel<'v>>, Failure>>;
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Cel<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'v, str>),
    List(Rc<[Cel<'v>]>),
    /// A mapping that the expression writes.
    Map(Rc<[(Cel<'v>, Cel<'v>)]>),
    /// A mapping of the object.
    Object(Rc<dyn Source<'v> + 'v>),
    /// Nanoseconds.
    Duration(i128),
    Quantity(Quantity),
}

impl<'v> Cel<'v> {
    /// A collection as a value.
    pub fn from_source(source: impl Source<'v> + 'v) -> Result<Self, Failure> {
        match source.items() {
            Some(items) => Ok(Cel::List(items?.into())),
            None => Ok(Cel::Object(Rc::new(source))),
        }
    }

    /// The value of a condition.
    pub fn truth(&self) -> Result<bool, Failure> {
        if let Cel::Bool(value) = self { Ok(*value) } else { Err(Unknown) }
    }

    /// Number of characters, items or entries.
    pub fn size(&self) -> Result<i64, Failure> {
        let size = match self {
            Cel::Text(text) => text.chars().count(),
            Cel::List(items) => items.len(),
            Cel::Map(entries) => entries.len(),
            Cel::Object(object) => object.keys().len(),
            _ => return Err(Unknown),
        };
        i64::try_from(size).map_err(|_| Unknown)
    }

    /// Whether two values are equal; values of different types are not.
    pub fn equals(&self, other: &Cel<'v>) -> Result<bool, Failure> {
        Ok(match (self, other) {
            (Cel::Null, Cel::Null) => true,
            (Cel::Bool(one), Cel::Bool(other)) => one == other,
            (Cel::Text(one), Cel::Text(other)) => one == other,
            (Cel::Duration(one), Cel::Duration(other)) => one == other,
            (Cel::Quantity(one), Cel::Quantity(other)) => one.cmp(other) == Ordering::Equal,
            (Cel::Int(_) | Cel::Double(_), Cel::Int(_) | Cel::Double(_)) => {
                self.compare(other)? == Ordering::Equal
            }
            (Cel::List(one), Cel::List(other)) => {
                let mut equal = one.len() == other.len();
                for (one, other) in one.iter().zip(other.iter()) {
                    equal = equal && one.equals(other)?;
                }
                // Sets are equal in any order, and nobody tells here what is a set.
                if !equal && one.len() == other.len() && one.len() > 1 && one.len() < 100 {
                    let among = |item: &Cel<'v>| other.iter().any(|other| item.equals(other) != Ok(false));
                    return if one.iter().all(among) { Err(Unknown) } else { Ok(false) };
                }
                equal
            }
            (Cel::Object(one), Cel::Object(other)) => {
                let (names, others) = (one.keys(), other.keys());
                let mut equal = names.len() == others.len();
                for name in names {
                    equal = equal
                        && match (one.get(&name)?, other.get(&name)?) {
                            (Some(one), Some(other)) => one.equals(&other)?,
                            _ => false,
                        };
                }
                equal
            }
            (Cel::Map(_), _) | (_, Cel::Map(_)) => return Err(Unknown),
            _ => false,
        })
    }

    /// Which of two values of one type comes first. Whole and decimal numbers are compared with each other.
    pub fn compare(&self, other: &Cel<'v>) -> Result<Ordering, Failure> {
        let doubles = |one: f64, other: f64| one.partial_cmp(&other).ok_or(Unknown);
        match (self, other) {
            (Cel::Int(one), Cel::Int(other)) => Ok(one.cmp(other)),
            (Cel::Double(one), Cel::Double(other)) => doubles(*one, *other),
            (Cel::Int(one), Cel::Double(other)) => doubles(*one as f64, *other),
            (Cel::Double(one), Cel::Int(other)) => doubles(*one, *other as f64),
            (Cel::Text(one), Cel::Text(other)) => Ok(one.cmp(other)),
            (Cel::Bool(one), Cel::Bool(other)) => Ok(one.cmp(other)),
            (Cel::Duration(one), Cel::Duration(other)) => Ok(one.cmp(other)),
            _ => Err(Unknown),
        }
    }
}
