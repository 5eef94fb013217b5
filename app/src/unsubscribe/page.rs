use crate::context;
use crate::ui::contact::call;
use crate::ui::page::{Shown, public_page};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::Refusal;
use shared::accounts::Secret;

const ACTION: &str = "/fn/messages/unsubscribe";

/// It says nothing of whose the link is, and opening it changes nothing.
#[component]
pub fn UnsubscribePage() -> impl IntoView {
    let token = Secret(use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default());
    public_page(|app, practice| async move {
        if !db::messages::unsubscribe::is_known(&app.pool, &token).await? {
            return Err(Refusal::DeadLink.into());
        }
        let here = format!("/unsubscribe/{}", context::url_encode(&token.0));
        let ended = context::query("ended") == "1" && db::messages::unsubscribe::has_ended(&app.pool, &token).await?;
        let contents = match ended {
            true => {
                let words = "You won’t get these emails any more. Emails about your login still come. Changed your mind? ";
                view! { <p class="notice info" role="status">{words}{call(&practice, "Contact")}"."</p> }.into_any()
            }
            false => view! {
                <p>{format!("Stop emails about appointments from {} to this address? Emails about your login still come.", practice.name)}</p>
                <form method="post" action=ACTION data-once="">
                    <input type="hidden" name="_page" value=here/>
                    <input type="hidden" name="token" value=token.0.clone()/>
                    <div class="form-actions"><button type="submit" class="button primary">"Unsubscribe"</button></div>
                </form>
            }
            .into_any(),
        };
        Ok(Shown::new(
            "Unsubscribe",
            view! {
                <div class="page-head"><div><h1>"Unsubscribe"</h1></div></div>
                <div class="panel">{contents}</div>
            },
        )
        .narrow())
    })
}
