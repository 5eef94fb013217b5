//! The upload, and the imports recently.

use super::parts::{badge, count};
use crate::context;
use crate::import::{PAGE, UPLOAD, UploadRefused};
use crate::ui::page::{Page, Shown, page};
use db::import::Import;
use db::time::Zone;
use leptos::prelude::*;
use shared::import::ROWS_MAX;

#[component]
pub fn ImportsPage() -> impl IntoView {
    page(|page| async move {
        let refused = context::extension::<UploadRefused>();
        let imports = db::import::list(page.pool(), &page.actor).await?;
        let title = format!("Import {}", page.practice.client_word_plural);
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href="/clients">{format!("All {}", page.practice.client_word_plural)}</a>
                        <h1>{title}</h1>
                        <p class="sub">"Upload a CSV file. You’ll review everything before it’s saved."</p>
                    </div>
                </div>
                <div class="stack">
                    {upload(&page, refused)}
                    {(!imports.is_empty()).then(|| recent(&page, imports))}
                </div>
            },
        )
        .narrow())
    })
}

fn upload(page: &Page, refused: Option<UploadRefused>) -> impl IntoView + use<> {
    let word = page.practice.client_word.clone();
    let invalid = refused.is_some();
    let described_by = if invalid { "f-file-hint f-file-error" } else { "f-file-hint" };
    let summary = refused.as_ref().map(|UploadRefused(problem)| {
        view! {
            <div class="error-summary" role="alert" tabindex="-1" autofocus=true>
                <h2>"The file was not read"</h2>
                <ul><li><a href="#f-file">{problem.clone()}</a></li></ul>
            </div>
        }
    });
    let error = refused.map(|UploadRefused(problem)| view! { <p class="error" id="f-file-error">{problem}</p> });
    view! {
        <form class="panel form" method="post" action=UPLOAD enctype="multipart/form-data" data-once="">
            {summary}
            <input type="hidden" name="request_key" value=db::new_id().to_string() autocomplete="off"/>
            <div class=if invalid { "field invalid" } else { "field" }>
                <label for="f-file">"CSV file"</label>
                <p class="hint" id="f-file-hint">
                    {format!(
                        "Column headings in the first row, one {word} per row. Up to {} rows or 64 MB.",
                        crate::ui::parts::thousands(ROWS_MAX),
                    )}
                </p>
                <input type="file" id="f-file" name="file" accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
                    aria-invalid=invalid.then_some("true") aria-describedby=described_by/>
                {error}
            </div>
            <div class="form-actions">
                <button class="button primary" type="submit">"Upload"</button>
                <a class="button quiet" href="/clients">"Cancel"</a>
            </div>
            <p class="hint">
                "In Excel or Google Sheets, choose File → Download or Save as → CSV. Next: match columns, review, import. \
                 We delete the file after importing, or after 7 days."
            </p>
        </form>
    }
}

fn recent(page: &Page, imports: Vec<Import>) -> impl IntoView + use<> {
    let zone = Zone::stored(&page.practice.zone);
    let row = move |import: Import| {
        let name = if import.file_name.is_empty() { "A file".to_owned() } else { import.file_name };
        view! {
            <tr>
                <th scope="row"><a class="row-link" href=format!("{PAGE}/{}", import.id)>{name}</a></th>
                <td data-label="Rows" class="num">{count(import.row_count, "row", "rows")}</td>
                <td data-label="By">{import.staff_name}</td>
                <td data-label="When" class="nowrap">
                    {format!("{}, {}", zone.short_date(import.created_at), zone.clock(import.created_at))}
                </td>
                <td>{badge(import.state)}</td>
            </tr>
        }
    };
    view! {
        <section class="panel flush" aria-labelledby="recent">
            <div class="panel-head"><h2 id="recent">"Recent imports"</h2></div>
            <div class="table-wrap">
                <table class="table cards">
                    <thead>
                        <tr>
                            <th scope="col">"File"</th>
                            <th scope="col" class="num">"Rows"</th>
                            <th scope="col">"By"</th>
                            <th scope="col">"When"</th>
                            <th scope="col">"State"</th>
                        </tr>
                    </thead>
                    <tbody>{imports.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}
