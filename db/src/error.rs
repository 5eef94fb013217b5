//! What an operation answers when it does not succeed.

use shared::{Problem, Refusal};

/// Refused by a rule, or failed in the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether the same transaction may well succeed if tried again: a
    /// deadlock, a serialization failure, or a lock not had in time. A statement that waits for
    /// several locks, each for less than the limit of one, is ended by the limit of statements.
    pub fn is_transient(&self) -> bool {
        matches!(self, Error::Database(sqlx::Error::Database(error))
            if matches!(error.code().as_deref(), Some("40P01" | "40001" | "55P03" | "57014")))
    }

    /// Whether a text held a character that the database has no place for, which
    /// is NUL alone.
    fn is_unprintable(&self) -> bool {
        matches!(self, Error::Database(sqlx::Error::Database(error))
            if matches!(error.code().as_deref(), Some("22021" | "22P05")))
    }

    /// When something is put back: a tag that is gone, a code that another person
    /// has, an appointment recorded again is in the way.
    pub(crate) fn or_not_undoable(self) -> Error {
        match &self {
            Error::Database(sqlx::Error::Database(cause))
                if cause.code().is_some_and(|code| code.starts_with("23")) =>
            {
                Error::Refused(Refusal::NotUndoable)
            }
            _ => self,
        }
    }

    /// The words for people; a database failure shows as [`Refusal::Internal`], or as
    /// [`Refusal::Busy`] where it may well succeed if tried again.
    pub fn refusal(self) -> Refusal {
        match self {
            Error::Refused(refusal) => refusal,
            error if error.is_transient() => {
                tracing::warn!(%error, "held by somebody else");
                Refusal::Busy
            }
            error if error.is_unprintable() => Refusal::field("", Problem::Unprintable),
            Error::Database(error) => {
                tracing::error!(%error, "database failure");
                Refusal::Internal
            }
        }
    }
}

/// Turns the violation of a named constraint into what it means.
pub trait OnConstraint<T> {
    fn on_constraint(self, name: &str, refusal: impl FnOnce() -> Refusal) -> Result<T>;
}

impl<T, E: Into<Error>> OnConstraint<T> for std::result::Result<T, E> {
    fn on_constraint(self, name: &str, refusal: impl FnOnce() -> Refusal) -> Result<T> {
        self.map_err(|error| match error.into() {
            Error::Database(sqlx::Error::Database(error)) if error.constraint() == Some(name) => refusal().into(),
            other => other,
        })
    }
}
