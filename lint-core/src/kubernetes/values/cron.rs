//! Schedules of CronJobs: `github.com/robfig/cron/v3.ParseStandard`, which the API server validates with.

use super::duration;

/// A field of the standard five.
struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", low: 0, high: 59, names: &[] },
    Field { name: "hour", low: 0, high: 23, names: &[] },
    Field { name: "day of month", low: 1, high: 31, names: &[] },
    Field {
        name: "month",
        low: 1,
        high: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field { name: "day of week", low: 0, high: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const MACROS: &[&str] = &["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Checks a schedule. A leading `TZ=` or `CRON_TZ=` is not looked at: the API server refuses it for its own reason.
///
/// # Errors
/// What is wrong with it, for people.
pub fn parse(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.starts_with('@') {
        if MACROS.contains(&text) {
            return Ok(());
        }
        return match text.strip_prefix("@every ") {
            Some(every) if duration::parse(every).is_some() => Ok(()),
            Some(every) => Err(format!("`{every}` is no duration such as `1h30m`")),
            None => Err(format!("there is no macro `{text}`")),
        };
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("it has {} fields instead of 5", fields.len()));
    }
    fields.iter().zip(&FIELDS).try_for_each(|(text, field)| {
        text.split(',').filter(|part| !part.is_empty()).try_for_each(|part| check(part, field))
    })
}

/// One range of a field: `*`, `5`, `1-5`, `*/15`, `mon-fri/2`.
fn check(text: &str, field: &Field) -> Result<(), String> {
    let name = field.name;
    let mut steps = text.split('/');
    let range = steps.next().unwrap_or_default();
    let step = steps.next();
    let bounds: Vec<&str> = range.split('-').collect();
    let (start, mut end) = if matches!(bounds[0], "*" | "?") {
        (field.low, field.high)
    } else {
        let start = value(bounds[0], field)?;
        let end = match bounds.as_slice() {
            [_] => start,
            [_, end] => value(end, field)?,
            _ => return Err(format!("`{text}` has too many `-` in the {name}")),
        };
        (start, end)
    };
    if let Some(step) = step {
        if steps.next().is_some() {
            return Err(format!("`{text}` has too many `/` in the {name}"));
        }
        if number(step).ok_or_else(|| format!("step `{step}` of the {name} is no number"))? == 0 {
            return Err(format!("the step of the {name} is zero"));
        }
        if bounds.len() == 1 {
            end = field.high;
        }
    }
    if start < field.low || end > field.high {
        let wrong = if start < field.low { start } else { end };
        return Err(format!("{name} {wrong} is outside {} to {}", field.low, field.high));
    }
    if start > end {
        return Err(format!("the {name} begins at {start}, after its end {end}"));
    }
    Ok(())
}

fn value(text: &str, field: &Field) -> Result<u32, String> {
    if let Some(at) = field.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return Ok(field.low + at as u32);
    }
    number(text).ok_or_else(|| format!("`{text}` is no {}", field.name))
}

/// Go's `strconv.Atoi`, without the negative numbers that robfig/cron refuses next.
fn number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn accepted() {
        for text in [
            "* * * * *",
            "*/15 2-4 * jan mon",
            "0 0 1,15 * ?",
            "5/10 * * * *",
            "0 3 * * SUN-sat/2",
            "@daily",
            "@every 1h30m",
            " 0  3 * * * ",
            "0-59/5 * * * *",
            "30 4 1 12 0",
            "1,,2 * * * *",
        ] {
            assert_eq!(parse(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 * 13 *",
            "0 0 * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "a * * * *",
            "1-2-3 * * * *",
            "1/2/3 * * * *",
            "@dayly",
            "@every 1d",
            "@every",
            "0 0 * * monday",
            "-5 * * * *",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("0 25 * * *"), Err("hour 25 is outside 0 to 23".into()));
    }
}
