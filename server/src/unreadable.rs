//! NUL, the one character that no text of the database can hold: what has it is
//! refused before anything reads it.

use crate::plain::{unreadable, wants_html};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use shared::{FieldErrors, Problem, Refusal};

/// Refuses an address with a NUL in its path or query.
pub async fn refuse_address(request: Request, next: Next) -> Response {
    let uri = request.uri();
    match has_nul(uri.path()) || uri.query().is_some_and(has_nul) {
        true => unreadable(wants_html(request.headers())),
        false => next.run(request).await,
    }
}

/// In an address a NUL is always encoded, once.
fn has_nul(encoded: &str) -> bool {
    encoded.contains("%00")
}

/// What is wrong with the fields of a form, if any has a NUL.
pub fn refuse_fields(values: &[(String, String)]) -> Option<Refusal> {
    let mut errors = FieldErrors::default();
    for (name, _) in values.iter().filter(|(name, value)| name.contains('\0') || value.contains('\0')) {
        errors.push(&field(name), Problem::Unprintable);
    }
    (!errors.is_empty()).then_some(Refusal::Invalid(errors))
}

/// The field of an input's name: `form[days][0][starts]` is `days.0.starts`.
fn field(name: &str) -> String {
    let inner = name.strip_prefix("form[").and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    inner.replace("][", ".").trim_end_matches('.').replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_reported_at_its_field() {
        let values =
            [("form[first_name]", "A"), ("form[days][0][starts]", "\0"), ("form[numbers][]", "1\0"), ("q", "\0")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let Some(Refusal::Invalid(errors)) = refuse_fields(&values) else { panic!("it was not refused") };
        let fields: Vec<_> = errors.0.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["days.0.starts", "numbers", "q"]);
        assert_eq!(refuse_fields(&values[..1]), None);
    }
}
