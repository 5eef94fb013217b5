//! Clients from a file: upload, map the columns, dry run, import, undo.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
pub mod progress;

#[cfg(feature = "ssr")]
pub mod pages;

/// The page with the upload form.
pub const PAGE: &str = "/clients/import";
/// Answered by the server itself: the form holds a file.
pub const UPLOAD: &str = "/fn/import/upload";
pub const MAP: &str = "/fn/import/map";
pub const REMAP: &str = "/fn/import/remap";
pub const CHOOSE: &str = "/fn/import/choose";
pub const START: &str = "/fn/import/start";
pub const STOP: &str = "/fn/import/stop";
pub const DISCARD: &str = "/fn/import/discard";
pub const UNDO: &str = "/fn/import/undo";

/// Why an upload was refused, in the extensions of the request that shows its
/// page again.
#[derive(Debug, Clone)]
pub struct UploadRefused(pub String);
