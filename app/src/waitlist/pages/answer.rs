//! `/offers/{secret}`: the page of the link in an offer. Looking at it answers nothing.

use crate::context;
use crate::error::AppError;
use crate::ui::page::{Shown, public_page};
use crate::ui::{FormState, PostForm};
use crate::waitlist::ANSWER_LINK;
use db::time::Zone;
use db::waitlist::Offered;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::accounts::Secret;
use shared::waitlist::OfferState;

#[component]
pub fn OfferPage() -> impl IntoView {
    let token = Secret(use_params_map().read_untracked().get("token").unwrap_or_default());
    let state = FormState::of(ANSWER_LINK);
    public_page(move |app, practice| async move {
        let offer = db::waitlist::offered_by_link(&app.pool, &token).await?;
        let title = match offer.state {
            OfferState::Open => "A time is free",
            OfferState::Accepted => "You took this time",
            OfferState::Declined => "You declined this time",
            OfferState::Lapsed | OfferState::Withdrawn => "This offer has ended",
        };
        let act = act(&offer, &token, state, crate::ui::contact::call(&practice, "Call"));
        Ok::<_, AppError>(
            Shown::new(
                title,
                view! {
                    <div class="page-head"><div><h1>{title}</h1></div></div>
                    <div class="panel">{facts(&offer)}{act}</div>
                },
            )
            .narrow(),
        )
    })
}

fn facts(offer: &Offered) -> impl IntoView + use<> {
    let zone = Zone::stored(&offer.zone);
    let moves = offer.moves.filter(|_| offer.state == OfferState::Open).map(|at| {
        let words = format!("The appointment on {}, {}", zone.long_date(at), zone.exact_clock(at));
        view! { <dt>"Moves"</dt><dd>{words}</dd> }
    });
    view! {
        <dl class="facts">
            {offer.for_name.clone().map(|name| view! { <dt>"For"</dt><dd><span class="badge for">{name}</span></dd> })}
            <dt>"What"</dt><dd>{offer.service.clone()}</dd>
            <dt>"When"</dt><dd class="tnum">{zone.long_date(offer.starts_at)}", "<span class="nowrap">{zone.clock_span(offer.starts_at, offer.ends_at)}</span><p class="zone-note">{zone.note()}</p></dd>
            <dt>"With"</dt><dd>{offer.practitioner.clone()}</dd>
            <dt>"Where"</dt><dd>{offer.location.clone()}</dd>
            {moves}
        </dl>
    }
}

fn act(offer: &Offered, token: &Secret, state: FormState, call: AnyView) -> AnyView {
    let (token, may_take) = (token.0.clone(), offer.may_take);
    match offer.state {
        OfferState::Open => {
            let zone = Zone::stored(&offer.zone);
            let until = format!(
                "We’re keeping it for you until {}, {}.",
                zone.long_date(offer.lapses_at),
                zone.exact_clock(offer.lapses_at)
            );
            view! {
                <p>{until}</p>
                <PostForm action=ANSWER_LINK page=context::here() state=state>
                    <input type="hidden" name="token" value=token/>
                    <div class="form-actions">
                        {may_take.then(|| view! { <button type="submit" class="button primary" name="accept" value="true">"Take this time"</button> })}
                        <button type="submit" class="button" name="accept" value="false">"Decline"</button>
                    </div>
                </PostForm>
            }
            .into_any()
        }
        OfferState::Accepted => view! { <p class="notice ok">"It’s booked."</p> }.into_any(),
        OfferState::Declined => view! { <p class="notice info">"You’re still on the waiting list."</p> }.into_any(),
        OfferState::Lapsed | OfferState::Withdrawn => {
            view! { <p class="notice info">"You’re still on the waiting list. Questions? "{call}"."</p> }.into_any()
        }
    }
}
