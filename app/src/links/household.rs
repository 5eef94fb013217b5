//! The households of a client on the profile: what each may do for each, a table for each household.

use db::links::{Household, Member};
use leptos::prelude::*;
use shared::links::{Grants, Permission};

/// Nothing for one linked person: their card says it all.
pub fn households(all: Vec<Household>) -> Option<AnyView> {
    let many = all.len() > 1 || all.iter().any(|household| household.people.len() > 2);
    many.then(|| all.into_iter().map(table).collect_view().into_any())
}

fn table(household: Household) -> AnyView {
    let Household { people, grants } = household;
    let names: Vec<String> = people.iter().map(|member| member.name.clone()).collect();
    let caption = format!("Household: {}", crate::appointments::notice::list(&names));
    let heads =
        people.iter().map(|member| view! { <th scope="col">{format!("For {}", member.name)}</th> }).collect_view();
    let rows = people
        .iter()
        .map(|holder| {
            let cells = people
                .iter()
                .map(|subject| {
                    let words = match grants.get(&(holder.id, subject.id)) {
                        _ if holder.id == subject.id => String::new(),
                        Some(may) => may_do(*may),
                        None => "–".to_owned(),
                    };
                    view! { <td data-label=format!("For {}", subject.name)>{words}</td> }
                })
                .collect_view();
            let Member { number, name, .. } = holder;
            view! { <tr><th scope="row"><a href=format!("/clients/{number}")>{name.clone()}</a></th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table household">
                <caption>{caption}</caption>
                <thead><tr><th scope="col">"Person"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// `Books, gets copies`.
fn may_do(may: Grants) -> String {
    let word = |permission: &Permission| match permission {
        Permission::Book => "books",
        Permission::Forms => "forms",
        Permission::Copies => "copies",
        Permission::Packages => "packages",
    };
    let words: Vec<&str> = Permission::ALL.iter().filter(|one| may.has(**one)).map(word).collect();
    if words.is_empty() { "Nothing".to_owned() } else { crate::ui::capital(&words.join(", ")) }
}
