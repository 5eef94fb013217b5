//! A file on a page: what it is, and a link to download it.

use db::files::FileInfo;
use leptos::prelude::*;

/// `of`: what is downloaded, for those who hear the link alone.
pub fn file_link(file: &FileInfo, of: &str) -> AnyView {
    let (href, words, of) = (format!("/files/{}", file.id), file.words(), format!(" {of}"));
    view! {
        <p class="file"><a class="button" href=href download="">"Download"<span class="sr-only">{of}</span></a>
            " "<span class="muted small">{words}</span></p>
    }
    .into_any()
}
