//! Twilio: a form post for each message, and the signature of what it posts back.

use super::{Sender, ask, refused};
use crate::mail::NotSent;
use async_trait::async_trait;
use base64::prelude::{BASE64_STANDARD, Engine};
use db::messages::Outgoing;
use ring::hmac;
use serde_json::Value;

/// Where its API is, unless another address is set.
const API: &str = "https://api.twilio.com";
/// The person opted out at Twilio itself, the number cannot get text messages, or is none.
const FOR_GOOD: [i64; 4] = [21211, 21408, 21610, 21614];

pub struct Twilio {
    pub client: reqwest::Client,
    /// Empty for Twilio's own.
    pub api: String,
    pub account: String,
    /// A number, or the id of a messaging service.
    pub from: String,
    pub token: String,
    /// Where it reports deliveries to.
    pub reports: String,
}

#[async_trait]
impl Sender for Twilio {
    async fn send(&self, copy: &Outgoing) -> Result<String, NotSent> {
        let api = if self.api.is_empty() { API } else { self.api.trim_end_matches('/') };
        let url = format!("{api}/2010-04-01/Accounts/{}/Messages.json", self.account);
        let from = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let fields = [
            ("To", copy.address.as_str()),
            (from, &self.from),
            ("Body", &copy.body),
            ("StatusCallback", &self.reports),
        ];
        let request = self.client.post(url).basic_auth(&self.account, Some(&self.token)).form(&fields);
        let (status, answer) = ask(request).await?;
        let answered: Value = serde_json::from_str(&answer).unwrap_or_default();
        if (200..300).contains(&status) {
            return match answered.get("sid").and_then(Value::as_str) {
                Some(sid) => Ok(sid.to_owned()),
                None => Err(NotSent { for_good: false, words: "Twilio gave no id of the message.".to_owned() }),
            };
        }
        let code = answered.get("code").and_then(Value::as_i64).unwrap_or_default();
        let words = answered.get("message").and_then(Value::as_str).unwrap_or(&answer);
        let refused = refused(status, words);
        Err(NotSent { for_good: FOR_GOOD.contains(&code) || refused.for_good && code == 0, words: refused.words })
    }
}

/// What Twilio signs a request with: HMAC-SHA1 of the whole address, followed by each field and its
/// value in the order of their names.
pub fn signature(token: &str, url: &str, fields: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = fields.iter().collect();
    sorted.sort();
    sorted.dedup();
    let signed = sorted.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    BASE64_STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
}

/// In constant time.
pub fn is_signed(token: &str, url: &str, fields: &[(String, String)], given: &str) -> bool {
    let expected = signature(token, url, fields);
    expected.len() == given.len()
        && expected.bytes().zip(given.bytes()).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation, and what its library makes of others.
    #[test]
    fn signatures_are_those_of_the_provider() {
        let fields = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let documented = fields(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+12349013030"),
            ("Digits", "1234"),
            ("From", "+12349013030"),
            ("To", "+18005551212"),
        ]);
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(signature("12345", url, &documented), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
        assert!(is_signed("12345", url, &documented, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="));
        for (token, url, given) in [
            ("12346", url, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
            ("12345", "http://mycompany.com/myapp.php?foo=1&bar=2", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
            ("12345", url, ""),
            ("12345", url, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=="),
        ] {
            assert!(!is_signed(token, url, &documented, given));
        }
        let mut changed = documented.clone();
        changed[2].1 = "1235".to_owned();
        assert!(!is_signed("12345", url, &changed, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="));
        let answer =
            fields(&[("From", "+14165550100"), ("Body", "ARRÊT & merci"), ("MessageSid", "SM1"), ("NumMedia", "0")]);
        assert_eq!(signature("t0ken", "https://k.test/hooks/sms/twilio", &answer), "A1ujqAa9T8P0SqnJd+4LjK+mH+o=");
    }
}
