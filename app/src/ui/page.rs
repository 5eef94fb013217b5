//! Every page: who is asking, its data, its title, its frame; and the same
//! answers everywhere to those who are logged out or may not see it.

use super::Posted;
use super::field::escape;
use crate::context::{self, AppContext};
use crate::error::AppError;
use db::Actor;
use db::permissions::Offered;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use shared::Refusal;
use shared::practice::Practice;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

/// What a page of someone logged in begins with.
#[derive(Clone)]
pub struct Page {
    pub app: AppContext,
    pub actor: Actor,
    pub practice: Practice,
    /// Path and query of this page.
    pub here: String,
    /// What the portal offers a client; nothing for staff.
    pub offered: Offered,
}

/// What the portal offers, where a client is logged in.
async fn offered(app: &AppContext, actor: Option<&Actor>) -> Result<Offered, AppError> {
    match actor {
        Some(Actor::Client(me)) => Ok(db::permissions::offered(&app.pool, me).await?),
        _ => Ok(Offered::default()),
    }
}

impl Page {
    /// Of the request that is answered; [`Refusal::SignedOut`] without someone logged in.
    pub async fn here() -> Result<Page, AppError> {
        let practice = context::practice().await?;
        let (app, actor) = (context::app(), context::actor()?);
        let offered = offered(&app, Some(&actor)).await?;
        Ok(Page { app, actor, practice, here: context::here(), offered })
    }

    pub fn pool(&self) -> &db::PgPool {
        &self.app.pool
    }

    /// A connection, for a page of several statements.
    pub async fn connection(&self) -> Result<db::Conn, AppError> {
        Ok(db::pool::acquire(&self.app.pool).await?)
    }
}

/// What stands around a page.
#[derive(Clone)]
pub struct Frame {
    pub practice: Practice,
    pub actor: Option<Actor>,
    pub offered: Offered,
    /// What was just done, where that needed the database to say.
    pub notice: Option<String>,
}

/// What was just done, in words.
type Notice = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// The site around every page. It stands above the features and provides itself to them as
/// context: a page knows none of it.
#[derive(Clone, Copy)]
pub struct Site {
    /// The page of that frame and class around the contents.
    pub layout: fn(Frame, &'static str, AnyView) -> AnyView,
    /// What was just done, where that needs the database to say.
    pub notice: fn(Page) -> Notice,
}

/// A page's title and contents.
pub struct Shown {
    pub title: String,
    /// `page`, `page narrow` or `page wide`.
    pub class: &'static str,
    pub view: AnyView,
}

impl Shown {
    pub fn new(title: impl Into<String>, view: impl IntoView + 'static) -> Shown {
        Shown { title: title.into(), class: "page", view: view.into_any() }
    }

    pub fn wide(self) -> Shown {
        Shown { class: "page wide", ..self }
    }

    pub fn narrow(self) -> Shown {
        Shown { class: "page narrow", ..self }
    }
}

/// A page for someone logged in; others are sent to the log-in page.
pub fn page<F>(contents: impl FnOnce(Page) -> F + Send + 'static) -> impl IntoView
where
    F: Future<Output = Result<Shown, AppError>> + Send + 'static,
{
    let site = expect_context::<Site>();
    render(site, async move {
        let page = Page::here().await?;
        let (practice, actor, offered) = (page.practice.clone(), Some(page.actor.clone()), page.offered.clone());
        let notice = (site.notice)(page.clone()).await;
        // Of a section that the practice does without there is no page.
        let shown = match practice.has_page(&page.here) {
            true => contents(page).await,
            false => Err(AppError::Refused(Refusal::NotFound)),
        };
        Ok((Frame { practice, actor, offered, notice }, shown))
    })
}

/// A page for anyone: log-in, claim, reset.
pub fn public_page<F>(contents: impl FnOnce(AppContext, Practice) -> F + Send + 'static) -> impl IntoView
where
    F: Future<Output = Result<Shown, AppError>> + Send + 'static,
{
    render(expect_context(), async move {
        let app = context::app();
        let practice = context::practice().await?;
        let actor = context::maybe_actor();
        let offered = offered(&app, actor.as_ref()).await?;
        let shown = contents(app, practice.clone()).await;
        Ok((Frame { practice, actor, offered, notice: None }, shown))
    })
}

type Framed = (Frame, Result<Shown, AppError>);
type Contents = Arc<Mutex<Option<Pin<Box<dyn Future<Output = Result<Framed, AppError>> + Send>>>>>;

fn render(site: Site, contents: impl Future<Output = Result<Framed, AppError>> + Send + 'static) -> impl IntoView {
    // Rendered once; the future waits here until the frame asks for it.
    let contents: Contents = Arc::new(Mutex::new(Some(Box::pin(contents))));
    view! {
        <Suspense>
            {move || {
                let contents = contents.clone();
                Suspend::new(async move {
                    // Suspense polls what it is given once, to see what loads, and drops it.
                    once_more().await;
                    let contents = contents.lock().ok().and_then(|mut waiting| waiting.take());
                    match contents {
                        Some(contents) => show(site, contents.await),
                        None => ().into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

/// Ready when polled a second time.
async fn once_more() {
    let mut polled = false;
    std::future::poll_fn(|task| {
        if std::mem::replace(&mut polled, true) {
            return std::task::Poll::Ready(());
        }
        task.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await
}

fn show(site: Site, answer: Result<Framed, AppError>) -> AnyView {
    match answer {
        Ok((frame, Ok(shown))) => {
            // Leptos does not escape the title that it writes into the head.
            let error = if is_refused() { "Error: " } else { "" };
            let title = escape(&format!("{error}{} · {}", shown.title, frame.practice.name));
            view! { <Title text=title/>{(site.layout)(frame, shown.class, shown.view)} }.into_any()
        }
        Ok((frame, Err(error))) => refused(site, Some(frame), error),
        Err(error) => refused(site, None, error),
    }
}

/// Whether this page answers a form that was refused. A form that only asked to be
/// shown again is no error.
fn is_refused() -> bool {
    context::extension::<Posted>().is_some_and(|posted| posted.error != AppError::ShowAgain)
}

/// A client, or someone with a link from a mail.
fn is_portal(frame: &Frame) -> bool {
    !matches!(frame.actor, Some(Actor::Staff(_)))
}

fn refused(site: Site, frame: Option<Frame>, error: AppError) -> AnyView {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(error.status());
    }
    let (title, words) = match &error {
        AppError::Refused(Refusal::SignedOut) => {
            let next = context::url_encode(&context::here());
            leptos_axum::redirect(&format!("/login?next={next}"));
            return ().into_any();
        }
        AppError::Refused(Refusal::NotFound) => {
            ("Not found", "This page doesn’t exist, or you don’t have access to it.")
        }
        AppError::Refused(Refusal::LinkEnded) => (
            "You no longer have access",
            "You can no longer book or manage appointments for this person. The link between you has ended or changed.",
        ),
        AppError::Refused(Refusal::Forbidden) if frame.as_ref().is_some_and(is_portal) => {
            ("Not available online", "The practice hasn’t turned this on.")
        }
        AppError::Refused(Refusal::Forbidden) => (
            "Not permitted",
            "You don’t have permission to see this page. Ask an administrator if you think you should.",
        ),
        AppError::Refused(Refusal::DeadLink) => {
            ("Link no longer valid", "This link may have been used already, replaced by a newer one, or expired.")
        }
        AppError::Refused(Refusal::Erased) => {
            ("This person has been erased", "This record is anonymised and read-only.")
        }
        _ => ("Something went wrong", "The page couldn’t be shown. Try again in a moment."),
    };
    // Those who do not work here can ask the practice.
    let ask = frame.as_ref().filter(|frame| !matches!(frame.actor, Some(Actor::Staff(_)))).map(|frame| {
        view! { <p>"Need help? "{super::contact::call(&frame.practice, "Contact")}"."</p> }
    });
    let view = view! {
        <div class="empty">
            <h1>{title}</h1>
            <p>{words}</p>
            {ask}
            <a class="button" href="/">"Go to home page"</a>
        </div>
    };
    match frame {
        Some(frame) => view! { <Title text=title/>{(site.layout)(frame, "page narrow", view.into_any())} }.into_any(),
        None => view! { <Title text=title/><main id="main" class="page narrow">{view}</main> }.into_any(),
    }
}

/// The page for an address that is no page's.
#[component]
pub fn NotFound() -> impl IntoView {
    public_page(|_, _| async { Err(AppError::Refused(Refusal::NotFound)) })
}
