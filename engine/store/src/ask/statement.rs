//! One SELECT, and no more than so many rows of it.

use super::AskError;

/// `sql` as a query of at most one row more than `rows_max`, when it is one statement that begins
/// as a question does.
pub(super) fn bounded(sql: &str, rows_max: usize) -> Result<String, AskError> {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    let begins = |word: &str| {
        let start = sql.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        let next = sql.as_bytes().get(word.len());
        start && next.is_some_and(|next| !next.is_ascii_alphanumeric() && *next != b'_')
    };
    if !begins("SELECT") && !begins("WITH") {
        return Err(AskError::Statement("it begins with SELECT or WITH"));
    }
    alone(sql)?;
    let rows = rows_max.saturating_add(1);
    // A line of its own, or a comment at the end would swallow what follows.
    Ok(format!("SELECT * FROM (\n{sql}\n) AS suho LIMIT {rows}"))
}

/// Refuses text that would end the brackets that it is put into, or begin another statement.
fn alone(sql: &str) -> Result<(), AskError> {
    let mut depth = 0_usize;
    let mut rest = sql.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\'' | '"' | '`' => {
                let end = rest.by_ref().find(|next| *next == letter);
                end.ok_or(AskError::Statement("a quote in it is never closed"))?;
            }
            '-' if rest.peek() == Some(&'-') => {
                rest.by_ref().find(|next| *next == '\n');
            }
            '/' if rest.peek() == Some(&'*') => {
                return Err(AskError::Statement("comments are written with `--`"));
            }
            // Where such a quote ends is the database's to say.
            '$' if rest.peek().is_some_and(|next| !next.is_ascii_digit()) => {
                return Err(AskError::Statement("a text is quoted with `'`, not with `$`"));
            }
            '\\' => return Err(AskError::Statement("it has no `\\` outside of a text")),
            ';' => return Err(AskError::Statement("another statement follows the `;`")),
            '(' => depth += 1,
            ')' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or(AskError::Statement("a bracket in it is closed and never opened"))?;
            }
            _ => {}
        }
    }
    if depth == 0 { Ok(()) } else { Err(AskError::Statement("a bracket in it is never closed")) }
}
