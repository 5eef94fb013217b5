//! Who is asking. Comes from the session on the server; nobody sends who they are.

use crate::accounts::sessions::Stored;
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use shared::accounts::Role;
use shared::clients::Status;
use shared::practice::Practice;
use shared::{AccountId, ClientId, Refusal, StaffId};
use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Staff(StaffActor),
    Client(ClientActor),
}

/// A staff member with their set of roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffActor {
    pub id: StaffId,
    pub name: String,
    pub roles: Vec<Role>,
    /// A practitioner books only with this (B15).
    pub may_book: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientActor {
    pub id: ClientId,
    pub name: String,
}

/// Whom a log-in that may be used stands for, and what every request asks for
/// besides.
pub(crate) struct Loaded {
    pub account: AccountId,
    pub actor: Actor,
    pub password_hash: Option<String>,
    pub practice: Practice,
    pub theme: String,
    pub single_keys: bool,
}

impl StaffActor {
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Administrators and staff; practitioners see those assigned to them.
    pub fn sees_all_clients(&self) -> bool {
        self.is(Role::Administrator) || self.is(Role::FrontDesk)
    }

    /// Whether they book at all (B15).
    pub fn books(&self) -> bool {
        self.sees_all_clients() || self.may_book
    }

    /// Additional information notes (B9).
    pub fn sees_notes(&self) -> bool {
        self.sees_all_clients()
    }

    /// `Some` when only clients assigned to this practitioner may be seen: for
    /// the filter in SQL.
    pub fn scope(&self) -> Option<Uuid> {
        (!self.sees_all_clients()).then_some(self.id.0)
    }
}

impl Actor {
    /// Whoever the account stands for, as they are now. `None` once the log-in
    /// is gone, its owner inactive, or client log-in switched off.
    pub async fn load(conn: impl PgExecutor<'_>, account: AccountId) -> Result<Option<Actor>> {
        Ok(Actor::load_with_practice(conn, account).await?.map(|loaded| loaded.actor))
    }

    /// [`Actor::load`], with the hash of the password and the practice: nearly
    /// every request needs them all.
    pub(crate) async fn load_with_practice(conn: impl PgExecutor<'_>, account: AccountId) -> Result<Option<Loaded>> {
        Ok(Actor::select(conn, Some(account), None).await?.and_then(|(_, loaded)| loaded))
    }

    /// Of an account, or of the session with this hash of its id: its data, when
    /// it expires, and whom it stands for. `None`: there is no such session, or it
    /// has expired.
    pub(crate) async fn select(
        conn: impl PgExecutor<'_>,
        account: Option<AccountId>,
        session: Option<&[u8]>,
    ) -> Result<Option<(Stored, Option<Loaded>)>> {
        let row = sqlx::query!(
            r#"select e.data as "data!", e.expires_at as "expires_at!", a.id as "account?: AccountId", a.password_hash as "password_hash?",
                      a.theme as "theme?", a.single_keys as "single_keys?",
                      s.id as "staff_id?: StaffId", s.first_name as "staff_first?", s.last_name as "staff_last?",
                      s.roles as "roles?: Vec<String>", s.may_book as "may_book?", s.active as "staff_active?",
                      c.id as "client_id?: ClientId", client_name(c) as "client_name?",
                      c.status as "status?: Status", to_jsonb(p) as "practice!: Json<Practice>"
                 from (select data, expires_at, account_id from session where id_hash = $2 and expires_at > now()
                       union all
                       select 'null', now(), $1 where $1::uuid is not null) e
                 left join account a on a.id = e.account_id
                 left join staff_member s on s.id = a.staff_id
                 left join client c on c.id = a.client_id
                 cross join practice p"#,
            account.map(|account| account.0),
            session
        )
        .fetch_optional(conn)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let Json(practice) = row.practice;
        let stored = Stored { data: row.data, expires_at: row.expires_at };
        let Some(account) = row.account else { return Ok(Some((stored, None))) };
        let loaded = |actor| Loaded {
            account,
            actor,
            password_hash: row.password_hash,
            practice: practice.clone(),
            theme: row.theme.unwrap_or_default(),
            single_keys: row.single_keys.unwrap_or(true),
        };
        if let (Some(id), Some(true)) = (row.staff_id, row.staff_active) {
            let roles = row.roles.unwrap_or_default();
            let actor = Actor::Staff(StaffActor {
                id,
                name: format!("{} {}", row.staff_first.unwrap_or_default(), row.staff_last.unwrap_or_default()),
                roles: roles.iter().filter_map(|role| role.parse().ok()).collect(),
                may_book: row.may_book.unwrap_or_default(),
            });
            return Ok(Some((stored, Some(loaded(actor)))));
        }
        if let (Some(id), Some(status)) = (row.client_id, row.status)
            && status.may_log_in()
            && practice.client_login
        {
            let name = row.client_name.unwrap_or_default();
            return Ok(Some((stored, Some(loaded(Actor::Client(ClientActor { id, name }))))));
        }
        Ok(Some((stored, None)))
    }

    pub fn name(&self) -> &str {
        match self {
            Actor::Staff(staff) => &staff.name,
            Actor::Client(client) => &client.name,
        }
    }

    /// Tells one account from another in the browser, and nothing else: from it
    /// no id can be found.
    pub fn mark(&self) -> String {
        let digest = Sha256::digest(format!("account mark {}", self.id()));
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The id that audit and history name.
    pub fn id(&self) -> Uuid {
        match self {
            Actor::Staff(staff) => staff.id.0,
            Actor::Client(client) => client.id.0,
        }
    }

    /// Anybody who works here. For a client these things do not exist: 404.
    pub fn staff(&self) -> Result<&StaffActor> {
        match self {
            Actor::Staff(staff) => Ok(staff),
            Actor::Client(_) => Err(Error::Refused(Refusal::NotFound)),
        }
    }

    /// Administrators and staff. A practitioner knows of these things: 403.
    pub fn front_desk(&self) -> Result<&StaffActor> {
        match self.staff()? {
            staff if staff.sees_all_clients() => Ok(staff),
            _ => Err(Error::Refused(Refusal::Forbidden)),
        }
    }

    pub fn administrator(&self) -> Result<&StaffActor> {
        match self.staff()? {
            staff if staff.is(Role::Administrator) => Ok(staff),
            _ => Err(Error::Refused(Refusal::Forbidden)),
        }
    }

    /// A client in the portal. For staff the portal does not exist: 404.
    pub fn client(&self) -> Result<&ClientActor> {
        match self {
            Actor::Client(client) => Ok(client),
            Actor::Staff(_) => Err(Error::Refused(Refusal::NotFound)),
        }
    }
}
