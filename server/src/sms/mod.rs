//! Text messages: who sends them. Without a sender they are kept for administrators, as mail is.

mod gateway;
pub mod hooks;
mod twilio;

use crate::mail::NotSent;
use async_trait::async_trait;
use db::messages::Outgoing;
use db::messages::sms_setting::{Via, via};
use db::sealing::Sealer;
use gateway::Gateway;
use std::sync::Arc;
use std::time::Duration;
use twilio::Twilio;

pub use twilio::signature;

/// How long a sender may take over one message; less than the time a copy is claimed for.
const WHOLE: Duration = Duration::from_secs(15);
/// Of an answer no more is read.
const ANSWER_MAX: usize = 64 * 1024;

/// Hands text messages over to a network.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Answers what the sender calls it in reports of its delivery.
    async fn send(&self, copy: &Outgoing) -> Result<String, NotSent>;
}

/// The sender that is set at this moment; `None` where there is none. `base_url` is where its
/// reports come back to.
pub async fn sender(pool: &db::PgPool, sealer: &Sealer, base_url: &str) -> db::Result<Option<Arc<dyn Sender>>> {
    Ok(match via(pool, sealer).await? {
        Via::None => None,
        Via::Http { url, header, secret, template } => {
            Some(Arc::new(Gateway { client: client(), url, header, secret, template }))
        }
        Via::Twilio { api, account, from, token } => {
            let reports = format!("{base_url}{}", hooks::TWILIO_REPORT);
            Some(Arc::new(Twilio { client: client(), api, account, from, token, reports }))
        }
    })
}

/// It follows no redirect and no proxy of the environment: a message goes where it is meant to.
fn client() -> reqwest::Client {
    // lettre brings the same; the second one to ask finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let built = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(WHOLE)
        .user_agent(concat!("Kindred/", env!("CARGO_PKG_VERSION")))
        .build();
    built.unwrap_or_else(|error| {
        tracing::error!(%error, "a client for text messages");
        reqwest::Client::new()
    })
}

/// Sends it, and reads an answer of bounded length.
async fn ask(request: reqwest::RequestBuilder) -> Result<(u16, String), NotSent> {
    let unreached = |error: reqwest::Error| NotSent { for_good: false, words: error.without_url().to_string() };
    let mut response = request.send().await.map_err(unreached)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreached)? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            break;
        }
    }
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

/// What a status that is no success means: a request that is wrong stays so.
fn refused(status: u16, words: &str) -> NotSent {
    let for_good = (400..500).contains(&status) && ![401, 403, 404, 408, 409, 425, 429].contains(&status);
    let words: String = words.chars().take(200).collect();
    NotSent { for_good, words: format!("{status}: {words}") }
}
