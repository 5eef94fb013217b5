//! The text of a document on a page. Headings begin below that of the page.

use leptos::prelude::*;
use shared::documents::{Block, blocks};

pub fn text(body: &str) -> AnyView {
    let each = blocks(body).into_iter().map(|block| match block {
        Block::Heading(1, words) => view! { <h2>{words}</h2> }.into_any(),
        Block::Heading(_, words) => view! { <h3>{words}</h3> }.into_any(),
        Block::Paragraph(lines) => {
            let lines = lines.into_iter().enumerate();
            let lines = lines.map(|(at, line)| view! { {(at > 0).then(|| view! { <br/> })}{line} }).collect_view();
            view! { <p>{lines}</p> }.into_any()
        }
        Block::List { numbered, items } => {
            let items = items.into_iter().map(|item| view! { <li>{item}</li> }).collect_view();
            if numbered { view! { <ol>{items}</ol> }.into_any() } else { view! { <ul>{items}</ul> }.into_any() }
        }
        Block::Table(rows) => {
            let mut rows = rows.into_iter();
            let head = rows.next().unwrap_or_default().into_iter();
            let head = head.map(|cell| view! { <th scope="col">{cell}</th> }).collect_view();
            let rows = rows.map(|row| {
                let cells = row.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view();
                view! { <tr>{cells}</tr> }
            });
            let rows = rows.collect_view();
            view! { <div class="table-wrap"><table class="table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div> }
                .into_any()
        }
    });
    view! { <div class="document">{each.collect_view()}</div> }.into_any()
}
