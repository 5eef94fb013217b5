//! Sessions in Postgres, for tower-sessions.

use app::accounts::session;
use async_trait::async_trait;
use chrono::Utc;
use db::PgPool;
use db::accounts::sessions::{self, Stored};
use shared::AccountId;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Where a session's data keeps who is logged in.
pub const ACCOUNT_KEY: &str = "account";

#[derive(Debug, Clone)]
pub struct Store(pub PgPool);

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !sessions::create(&self.0, &bytes(&record.id), account(record), &stored(record)?).await.map_err(failed)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        sessions::save(&self.0, &bytes(&record.id), account(record), &stored(record)?).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = sessions::load(&self.0, &bytes(id)).await.map_err(failed)?;
        let Some((stored, login)) = found else { return Ok(None) };
        session::found(login);
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_value(stored.data).map_err(|error| Error::Decode(error.to_string()))?,
            expiry_date: OffsetDateTime::from_unix_timestamp(stored.expires_at.timestamp())
                .map_err(|error| Error::Decode(error.to_string()))?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sessions::delete(&self.0, &bytes(id)).await.map_err(failed)
    }
}

fn bytes(id: &Id) -> [u8; 16] {
    id.0.to_le_bytes()
}

fn stored(record: &Record) -> Result<Stored> {
    Ok(Stored {
        data: serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?,
        expires_at: sessions::idle_end(Utc::now()),
    })
}

/// Whose session it is, so that it ends with the account.
fn account(record: &Record) -> Option<AccountId> {
    record.data.get(ACCOUNT_KEY)?.get("user_id")?.as_str()?.parse().ok()
}

fn failed(error: db::Error) -> Error {
    Error::Backend(error.to_string())
}
