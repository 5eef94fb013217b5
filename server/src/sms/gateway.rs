//! A gateway by HTTP: an address, a header and a JSON body with placeholders. It covers phones
//! that send for a practice, and services without a module of their own.

use super::{Sender, ask, refused};
use crate::mail::NotSent;
use async_trait::async_trait;
use db::messages::Outgoing;
use db::messages::sms_setting::filled;
use serde_json::Value;

pub struct Gateway {
    pub client: reqwest::Client,
    pub url: String,
    /// The name of a header, and its value.
    pub header: String,
    pub secret: Option<String>,
    pub template: String,
}

#[async_trait]
impl Sender for Gateway {
    async fn send(&self, copy: &Outgoing) -> Result<String, NotSent> {
        let id = copy.id.to_string();
        let body = filled(&self.template, &copy.address, &copy.body, &id);
        let mut request = self.client.post(&self.url).header("content-type", "application/json").body(body);
        if let Some(secret) = self.secret.as_ref().filter(|_| !self.header.is_empty()) {
            request = request.header(&self.header, secret);
        }
        let (status, answer) = ask(request).await?;
        if !(200..300).contains(&status) {
            // What it echoes is shown to administrators, without the secret.
            let answer = self.secret.as_ref().map_or(answer.clone(), |secret| answer.replace(secret.as_str(), "…"));
            return Err(refused(status, &answer));
        }
        let answered: Option<Value> = serde_json::from_str(&answer).ok();
        let named = answered.as_ref().and_then(|answer| match answer.get("id")? {
            Value::String(id) => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        });
        Ok(named.unwrap_or(id))
    }
}
