//! Activities: the hours that people who work here log, and the clients of each.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
#[cfg(feature = "ssr")]
pub mod pages;

pub const SAVE: &str = "/fn/activities/save";
/// Keeps what is typed and comes back to the form.
pub const KEEP: &str = "/fn/activities/keep";
pub const DELETE: &str = "/fn/activities/delete";
pub const RESTORE: &str = "/fn/activities/restore";

/// Whose activities someone is shown before they choose: their own, unless
/// they see no clients themselves.
#[cfg(feature = "ssr")]
pub(crate) fn usual(actor: Option<&db::Actor>) -> shared::activities::Whose {
    use shared::accounts::Role;
    use shared::activities::Whose;
    match actor {
        Some(db::Actor::Staff(staff)) if !staff.is(Role::Practitioner) => Whose::All,
        _ => Whose::Own,
    }
}
