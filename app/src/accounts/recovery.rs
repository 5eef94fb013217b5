//! The page of the recovery codes: shown once, to be printed or written down.

use super::security::{NEW_CODES, SECURITY};
use crate::feeds::shown_once;
use crate::ui::page::{Shown, page};
use leptos::prelude::*;
use shared::accounts::Secret;

/// Stands between the codes on their way to the page.
const BETWEEN: char = '.';

/// The way to the page: the database keeps hashes alone.
const CODES: &str = "codes";

/// Gives new codes to the browser that asked for them.
pub fn hand_over(codes: &[String]) {
    shown_once::hand_over(CODES, &Secret(codes.join(&BETWEEN.to_string())));
}

/// Where one goes after a factor was added (`done`): by the page of the codes that came with it.
pub fn after(done: &str, codes: Option<Vec<String>>) -> String {
    let page = match codes {
        Some(codes) => {
            hand_over(&codes);
            "/account/recovery-codes"
        }
        None => SECURITY,
    };
    format!("{page}?done={done}")
}

#[component]
pub fn RecoveryCodesPage() -> impl IntoView {
    page(|page| async move {
        let kept = shown_once::take(CODES).map(|Secret(text)| text);
        let codes: Vec<String> = kept.iter().flat_map(|text| text.split(BETWEEN)).map(str::to_owned).collect();
        let first = codes.first().cloned().unwrap_or_default();
        let codes = match db::accounts::codes_are_own(page.pool(), &page.actor, &first).await? {
            true => codes,
            false => Vec::new(),
        };
        let left = db::accounts::factors(page.pool(), &page.actor).await?.codes_left;
        let contents = if codes.is_empty() {
            view! {
                <p>{left_words(left)}</p>
                <p class="hint">"We show codes once, when they’re made. You can make new ones under Login security."</p>
            }
            .into_any()
        } else {
            let rows = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view();
            view! {
                <p class="notice warn">"Print or write down these codes now. We don’t show them again."</p>
                <ol class="recovery-codes">{rows}</ol>
                <p>"Each code works once, in place of your app or passkey. Keep them away from your phone."</p>
            }
            .into_any()
        };
        let view = view! {
            <div class="auth">
                <a class="back" href=SECURITY>"Login security"</a>
                <h1>"Recovery codes"</h1>
                <p class="sub">{page.practice.name.clone()}</p>
                {contents}
                <div class="form-actions"><a class="button primary" href=SECURITY>"Done"</a></div>
            </div>
        };
        Ok(Shown::new("Recovery codes", view).narrow())
    })
}

/// How many there are.
pub fn left_words(left: i64) -> String {
    match left {
        0 => "You have no recovery codes.".to_owned(),
        1 => "1 recovery code is left.".to_owned(),
        left => format!("{left} recovery codes are left."),
    }
}

/// New ones, from the page of one's login.
pub fn new_codes_form() -> impl IntoView {
    view! {
        <form method="post" action=NEW_CODES data-once="">
            <input type="hidden" name="_page" value=SECURITY/>
            <button class="button" type="submit">"Make new codes"</button>
        </form>
    }
}
