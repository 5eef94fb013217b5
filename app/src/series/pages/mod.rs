//! The page that books a series, and the one that shows and changes it.

mod extend;
mod new;
mod one;
mod rule;

pub use extend::ExtendSeriesPage;
pub use new::NewSeriesPage;
pub(crate) use new::link;
pub use one::SeriesPage;
