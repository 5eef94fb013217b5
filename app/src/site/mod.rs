//! What stands around every page: top bar and navigation, footer, toast, dialogs, and how a page
//! behaves in the browser. It knows the features; none of them knows it.

pub mod behaviors;
pub mod keys;

#[cfg(feature = "hydrate")]
pub mod staff_islands;
#[cfg(feature = "hydrate")]
mod unsaved;

#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod navigation;
#[cfg(feature = "ssr")]
mod toast;

#[cfg(feature = "ssr")]
use crate::appointments::notice;
#[cfg(feature = "ssr")]
use crate::ui::page::Site;

/// What every page does before it is shown: whose it is.
#[cfg(feature = "ssr")]
pub const SESSION: &str = include_str!("session.js");

/// What a page asks of the site.
#[cfg(feature = "ssr")]
pub const SITE: Site =
    Site { layout: layout::layout, notice: |page| Box::pin(async move { notice::of_request(&page).await }) };
