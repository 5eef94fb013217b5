//! Mail by SMTP.

mod outbox;

pub use outbox::send_due;

use anyhow::{Context, Result, anyhow};
use app::ui::escape;
use db::messages::{Invitation, Outgoing, Part, split_links};
use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart, SinglePartBuilder};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::net::IpAddr;
use std::time::Duration;

/// How long the mail server may take over one step, the connection among them.
const STEP: Duration = Duration::from_secs(10);
/// And over a whole mail; less than the time a copy is claimed for.
const WHOLE: Duration = Duration::from_secs(30);
/// What servers answer when the log-in to them is missing or wrong (RFC 4954): a
/// fault of the set-up, not of the mail.
const SETUP: [&str; 4] = ["530", "534", "535", "538"];

/// Sends mail from one address by one mail server.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    whole: Duration,
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
    /// When either cannot be read, or there is no one to send from. The words
    /// hold no password.
    pub fn new(smtp_url: Option<&str>, from: Option<&str>) -> Result<Option<Mailer>> {
        let Some(smtp_url) = smtp_url.filter(|url| !url.is_empty()) else { return Ok(None) };
        let from = from.filter(|from| !from.is_empty()).context("with SMTP, the sender of mail is needed too")?;
        let from: Mailbox = from.parse().context("the sender's address cannot be read")?;
        let address = reachable(from.email.as_ref()).context("the sender's address cannot be used")?;
        let from = Mailbox::new(from.name, address);
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&with_tls(smtp_url)?)
            .map_err(|error| anyhow!("the SMTP address cannot be used: {error}"))?
            .timeout(Some(STEP))
            .build();
        Ok(Some(Mailer { transport, from, whole: WHOLE }))
    }

    /// With another limit for one mail, from connecting to the server's last answer.
    pub fn limited(self, whole: Duration) -> Mailer {
        Mailer { whole, ..self }
    }

    /// `base_url` is where people reach this server: links to it can be clicked.
    pub async fn send(&self, copy: &Outgoing, base_url: &str) -> Result<(), NotSent> {
        let message =
            self.message(copy, base_url).map_err(|error| NotSent { for_good: true, words: error.to_string() })?;
        let answer = tokio::time::timeout(self.whole, self.transport.send(message)).await;
        let error = match answer {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => error,
            Err(_) => return Err(NotSent { for_good: false, words: "The mail server took too long.".to_owned() }),
        };
        // lettre says so before it sends anything.
        if error.is_client() && !copy.address.is_ascii() {
            let words = "The part of this address before the @ has letters that the mail server cannot deliver to \
                         (it does not offer SMTPUTF8). Use another address for this person.";
            return Err(NotSent { for_good: true, words: words.to_owned() });
        }
        let of_setup = error.status().is_some_and(|code| SETUP.contains(&code.to_string().as_str()));
        Err(NotSent { for_good: error.is_permanent() && !of_setup, words: error.to_string() })
    }

    fn message(&self, copy: &Outgoing, base_url: &str) -> Result<Message> {
        let to = reachable(&copy.address)?;
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let words =
            MultiPart::alternative_plain_html(copy.body.clone(), html(&copy.body, copy.language.as_str(), base_url));
        let file = |of: &Invitation| of.file(self.from.email.as_ref(), db::ics::host(base_url));
        let body = match copy.invitations.as_slice() {
            [] => words,
            [one] => {
                let (method, file) = file(one);
                with_calendar(words, method.word(), file.into_bytes())?
            }
            // Calendars act on one event in a mail: of several each is a file of its own.
            several => {
                let mut body = MultiPart::mixed().multipart(words);
                for (number, (_, file)) in several.iter().map(file).enumerate() {
                    body = body.singlepart(kept(&format!("invite-{}.ics", number + 1), file.into_bytes())?);
                }
                body
            }
        };
        let mut message = Message::builder();
        if let Some(secret) = &copy.unsubscribe {
            let header =
                |name, value| Ok::<_, anyhow::Error>(HeaderValue::new(HeaderName::new_from_ascii(name)?, value));
            let link = format!("<{base_url}/unsubscribe/{}>", secret.0);
            message = message
                .raw_header(header("List-Unsubscribe".to_owned(), link)?)
                .raw_header(header("List-Unsubscribe-Post".to_owned(), "List-Unsubscribe=One-Click".to_owned())?);
        }
        Ok(message
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(copy.subject.clone())
            // The same at every try, so that a mail sent twice shows once.
            .message_id(Some(format!("<{}@{}>", copy.id, self.from.email.domain())))
            .raw_header(automatic)
            .multipart(body)?)
    }
}

/// With the calendar file twice: as a form of the mail that calendars act on, and to keep.
fn with_calendar(words: MultiPart, method: &str, file: Vec<u8>) -> Result<MultiPart> {
    let acted_on = in_base64(&format!("text/calendar; charset=utf-8; method={method}"))?.body(file.clone());
    Ok(MultiPart::mixed().multipart(words.singlepart(acted_on)).singlepart(kept("invite.ics", file)?))
}

/// A calendar file to keep.
fn kept(name: &str, file: Vec<u8>) -> Result<SinglePart> {
    let part = in_base64(&format!("application/ics; name=\"{name}\""))?;
    Ok(part.header(ContentDisposition::attachment(name)).body(file))
}

/// In base64 no mail server changes a byte of it.
fn in_base64(kind: &str) -> Result<SinglePartBuilder> {
    Ok(SinglePart::builder().header(ContentType::parse(kind)?).header(ContentTransferEncoding::Base64))
}

/// The address as mail servers know it: a domain with letters beyond ASCII is
/// written in punycode. What stands before the @ has no such form.
fn reachable(address: &str) -> Result<Address> {
    let (local, domain) = address.rsplit_once('@').context("This is not an email address.")?;
    let domain = idna::domain_to_ascii(domain).ok().filter(|domain| !domain.is_empty());
    let domain = domain.context("The domain of this email address cannot exist.")?;
    Address::new(local, domain).context("This is not an email address.")
}

/// The same words as HTML: a paragraph for each block of lines, and nothing that a mail
/// program would have to load.
fn html(body: &str, language: &str, base_url: &str) -> String {
    let line = |text: &str| -> String {
        split_links(text, base_url)
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => escape(text).replace('\n', "<br>\n"),
                Part::Link(link) => format!("<a href=\"{0}\">{0}</a>", escape(link)),
            })
            .collect()
    };
    let blocks = body.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    let text: String = blocks.map(|block| format!("<p>{}</p>\n", line(block))).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"></head><body>\n{text}</body></html>\n"
    )
}

/// The address in lettre's terms. No password crosses the net in the clear
/// unless someone says so.
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
    fn international_domains_are_written_in_punycode() {
        for (address, written) in [
            ("mail@bücher.example", "mail@xn--bcher-kva.example"),
            ("zoë@BÜCHER.example", "zoë@xn--bcher-kva.example"),
            ("o'brien+kids@example.org", "o'brien+kids@example.org"),
        ] {
            assert_eq!(reachable(address).unwrap().to_string(), written);
        }
        for none in ["", "mail", "mail@", "@example.org", "mail@exa mple.org", "mail@xn--a"] {
            assert!(reachable(none).is_err(), "{none}");
        }
    }

    #[test]
    fn the_html_holds_our_links_and_no_markup_of_others() {
        let html = html("Hello <b>Ana</b>,\n\nhttps://k.test/claim/s", "fr", "https://k.test");
        assert!(html.contains(
            "<p>Hello &lt;b&gt;Ana&lt;/b&gt;,</p>\n<p><a href=\"https://k.test/claim/s\">https://k.test/claim/s</a></p>"
        ));
    }
}
