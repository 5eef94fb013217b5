//! Mail by SMTP.

use anyhow::{Context, Result, anyhow};
use app::ui::escape;
use db::messages::{Outgoing, Part, split_links};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::net::IpAddr;
use std::time::Duration;

/// How long the mail server may take over one step.
const STEP: Duration = Duration::from_secs(20);
/// And over a whole mail; less than the time a copy is claimed for.
const WHOLE: Duration = Duration::from_secs(90);

/// Sends mail from one address by one mail server.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail has not left.
#[derive(Debug)]
pub struct NotSent {
    /// Trying again is of no use.
    pub for_good: bool,
    /// For administrators; may name the address, so not for logs.
    pub words: String,
}

impl Mailer {
    /// `None` without an SMTP address: mail is kept for administrators then.
    /// `smtp_url` is `smtp://user:password@host:587` (STARTTLS is required,
    /// unless the host is this machine or `?tls=opportunistic` or `?tls=none`
    /// is added) or `smtps://…` (TLS from the start); `from` an address, with
    /// or without a name: `Elm Clinic <mail@elm.example>`.
    ///
    /// # Errors
    /// When either cannot be read, or there is nobody to send from. The words
    /// hold no password.
    pub fn new(smtp_url: Option<&str>, from: Option<&str>) -> Result<Option<Mailer>> {
        let Some(smtp_url) = smtp_url.filter(|url| !url.is_empty()) else { return Ok(None) };
        let from = from.filter(|from| !from.is_empty()).context("with SMTP, the sender of mail is needed too")?;
        let from = from.parse().context("the sender's address cannot be read")?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&with_tls(smtp_url)?)
            .map_err(|error| anyhow!("the SMTP address cannot be used: {error}"))?
            .timeout(Some(STEP))
            .build();
        Ok(Some(Mailer { transport, from }))
    }

    /// `base_url` is where people reach this server: links to it can be clicked.
    pub async fn send(&self, copy: &Outgoing, base_url: &str) -> Result<(), NotSent> {
        let message =
            self.message(copy, base_url).map_err(|error| NotSent { for_good: true, words: error.to_string() })?;
        let answer = tokio::time::timeout(WHOLE, self.transport.send(message)).await;
        let words = match answer {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "The mail server took too long.".to_owned(),
        };
        // What a server calls permanent is often its set-up, or ours, which
        // people put right: so it is tried again all the same.
        Err(NotSent { for_good: false, words })
    }

    fn message(&self, copy: &Outgoing, base_url: &str) -> Result<Message> {
        let to: Address = copy.address.parse().context("this is not an e-mail address")?;
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Ok(Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(copy.subject.clone())
            // The same at every try, so that a mail sent twice shows once.
            .message_id(Some(format!("<{}@{}>", copy.id, self.from.email.domain())))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(copy.body.clone(), html(&copy.body, base_url)))?)
    }
}

/// The same words as HTML.
fn html(body: &str, base_url: &str) -> String {
    let text: String = split_links(body, base_url)
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => escape(text).replace('\n', "<br>\n"),
            Part::Link(link) => format!("<a href=\"{0}\">{0}</a>", escape(link)),
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><body style=\"font-family: sans-serif; line-height: 1.5\">\n{text}</body></html>\n"
    )
}

/// The address in lettre's terms. No password crosses the net in the clear
/// unless somebody says so.
fn with_tls(smtp_url: &str) -> Result<String> {
    let unreadable = || anyhow!("the SMTP address cannot be read; it should look like smtp://user:password@host:587");
    let uri: http::Uri = smtp_url.parse().map_err(|_| unreadable())?;
    let host = uri.host().ok_or_else(unreadable)?;
    match (uri.scheme_str().ok_or_else(unreadable)?, uri.query()) {
        ("smtp", None) if !is_this_machine(host) => Ok(format!("{smtp_url}?tls=required")),
        ("smtp", Some("tls=none")) => Ok(smtp_url.trim_end_matches("?tls=none").to_owned()),
        _ => Ok(smtp_url.to_owned()),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_cross_the_net_in_the_clear() {
        assert_eq!(with_tls("smtp://u:p@mail.test").unwrap(), "smtp://u:p@mail.test?tls=required");
        for as_it_is in [
            "smtp://localhost:1025",
            "smtp://127.0.0.1:25",
            "smtp://[::1]:25",
            "smtps://u:p@mail.test",
            "smtp://m.test?tls=opportunistic",
        ] {
            assert_eq!(with_tls(as_it_is).unwrap(), as_it_is);
        }
        assert_eq!(with_tls("smtp://relay:1025?tls=none").unwrap(), "smtp://relay:1025");
        assert!(with_tls("mail.test").is_err());
    }

    #[tokio::test]
    async fn every_form_of_address_makes_a_mailer() {
        let from = Some("Elm Clinic <mail@elm.test>");
        for url in [
            "smtp://localhost:1025",
            "smtp://u:p%40ss@mail.test:587",
            "smtps://u:p@mail.test",
            "smtp://relay:25?tls=none",
        ] {
            assert!(Mailer::new(Some(url), from).unwrap().is_some(), "{url}");
        }
        assert!(Mailer::new(None, None).unwrap().is_none() && Mailer::new(Some(""), None).unwrap().is_none());
        assert!(Mailer::new(Some("smtp://localhost"), None).is_err());
        assert!(Mailer::new(Some("smtp://localhost"), Some("no address")).is_err());
        let error = Mailer::new(Some("ftp://u:hunter2@mail.test"), from).map(|_| ()).unwrap_err();
        assert!(!format!("{error:#}").contains("hunter2"));
    }

    #[test]
    fn the_html_holds_our_links_and_no_markup_of_others() {
        let html = html("Hello <b>Ana</b>,\n\nhttps://k.test/claim/s", "https://k.test");
        assert!(html.contains(
            "Hello &lt;b&gt;Ana&lt;/b&gt;,<br>\n<br>\n<a href=\"https://k.test/claim/s\">https://k.test/claim/s</a>"
        ));
    }
}
