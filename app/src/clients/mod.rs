//! Clients: the lists, the record, its form, and the picker that other
//! features find a client with.

pub mod api;
pub mod colour;
#[cfg(feature = "ssr")]
pub mod done;
pub mod find;
pub mod live;
mod options;
pub mod picker;
pub mod selection;
pub mod views;
pub mod window;

#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod pages;

pub const CREATE: &str = "/fn/clients/create";
pub const SAVE: &str = "/fn/clients/save";
pub const SET_STATUS: &str = "/fn/clients/set_status";
pub const SAVE_VIEW: &str = "/fn/views/save";
pub const CHANGE_VIEW: &str = "/fn/views/change";
pub const OVERWRITE_VIEW: &str = "/fn/views/overwrite";
pub const DELETE_VIEW: &str = "/fn/views/delete";
pub const DEFAULT_VIEW: &str = "/fn/views/default";

/// `path` with these query parameters, in place of any of the same names.
#[cfg(feature = "ssr")]
pub(crate) fn with_params(path: &str, params: &[(&str, &str)]) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let kept = query.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && params.iter().all(|(new, _)| *new != name)
    });
    let new = params.iter().map(|(name, value)| format!("{name}={}", crate::context::url_encode(value)));
    let pairs: Vec<String> = kept.map(str::to_owned).chain(new).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::with_params;

    #[test]
    fn parameters_are_set_once() {
        assert_eq!(with_params("/clients", &[("done", "saved")]), "/clients?done=saved");
        assert_eq!(with_params("/clients?q=a&done=old", &[("done", "new")]), "/clients?q=a&done=new");
        assert_eq!(with_params("/a?from=", &[("client", "1001"), ("done", "é")]), "/a?from=&client=1001&done=%C3%A9");
    }
}
