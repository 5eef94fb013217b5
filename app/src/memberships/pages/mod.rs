//! Pages: build a couple, family or group, change it, its members, and each
//! membership.

mod add;
mod edit;
mod new;
mod one;
mod profile;
mod selected;

pub use add::AddMembersPage;
pub use edit::edit;
pub use new::new;
pub use one::MembershipPage;
pub use profile::profile;
pub use selected::SelectedPage;

use crate::ui::page::Page;

/// The address of *All clients* for those who may see it, with its words.
fn back_to_list(page: &Page) -> (&'static str, String) {
    match page.actor.front_desk() {
        Ok(_) => ("/clients", format!("All {}", page.practice.client_word_plural)),
        Err(_) => ("/clients/mine", format!("My {}", page.practice.client_word_plural)),
    }
}
