//! The outbox: what is written in the batch of its cause is delivered, at least once and by one node at a time, whatever the
//! mail server does.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use url::Url;
use vestibule_domain::id::MessageId;
use vestibule_domain::outbox::{Letter, Means, Message, Purpose, Recipient};
use vestibule_domain::refusal::Channel;
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Span;
use vestibule_server::fetch::{FetchPolicy, Fetcher};
use vestibule_server::outbox::deliver_due;
use vestibule_server::post::{Post, SmsWebhook, WebhookSecret};
use vestibule_store::tables::cleanup::Retention;
use vestibule_store::tables::outbox::{self, MessageState, StoredMessage};

use crate::app::{NOW, TestApp, on_both_engines};
use crate::mail_server::Postbox;

on_both_engines!(
    a_message_is_delivered_once_and_forgotten,
    a_server_on_its_bad_day_loses_nothing,
    two_nodes_deliver_each_message_once,
    a_mail_server_that_hangs_holds_up_no_text_message,
    what_has_ended_is_not_sent,
    without_a_mail_server_messages_wait,
    nothing_readable_is_kept,
    a_developer_reads_what_would_have_been_sent,
);

fn message(app: &TestApp, to: &str, lifetime: Span) -> Message {
    let now = app.app.clock.now();
    Message {
        id: MessageId::generate_at(app.project.environment(), now, app.app.entropy.as_ref()),
        project_id: app.project.id,
        purpose: Purpose::Login,
        letter: Letter {
            to: Recipient::Email(to.to_owned().try_into().unwrap()),
            means: Means::Link(format!("https://app.example.com/in?token=secret-of-{to}")),
            place: "Acmé".to_owned(),
            invited_by: String::new(),
            ends_at: None,
            language: "fr".to_owned(),
        },
        created_at: now,
        expires_at: now.plus(lifetime),
    }
}

async fn post(app: &TestApp, to: &str) -> MessageId {
    let message = message(app, to, Span::minutes(60));
    let write = outbox::insert(&message, &app.app.vault, app.app.entropy.as_ref()).unwrap();
    app.app.store.commit(write).await.unwrap();
    message.id
}

async fn kept(app: &TestApp) -> Vec<StoredMessage> {
    app.app.store.messages(None, None, 100).await.unwrap()
}

async fn a_message_is_delivered_once_and_forgotten(app: TestApp) {
    let postbox = Postbox::open().await;
    let node = app.posting_node(postbox.post()).await;
    let id = post(&app, "ada@acme.test").await;
    assert_eq!(deliver_due(&node.app).await.unwrap(), 1);
    assert_eq!(deliver_due(&node.app).await.unwrap(), 0);
    let mails = postbox.to("ada@acme.test");
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].message_id, format!("<{id}@acme.example>"));
    for line in ["From: Acme <no-reply@acme.example>", "Auto-Submitted: auto-generated", "To: ada@acme.test"]
    {
        assert!(mails[0].text.contains(line), "{line}: {}", mails[0].text);
    }
    assert!(mails[0].text.contains("Date: Fri, 15 Jan 2027 08:00:00 +0000"), "{}", mails[0].text);
    assert!(kept(&app).await.is_empty());
}

async fn a_server_on_its_bad_day_loses_nothing(app: TestApp) {
    let postbox = Postbox::open().await;
    let node = app.posting_node(postbox.post()).await;
    let names = ["ada", "half", "slow", "grey", "refused"];
    let mut ids = Vec::new();
    for name in names {
        ids.push(post(&app, &format!("{name}@acme.test")).await);
    }
    assert_eq!(deliver_due(&node.app).await.unwrap(), 5);
    // The one that was refused for good does not hold up the others, and is there to be looked at.
    let dead = app.app.store.messages(None, Some(MessageState::Dead), 10).await.unwrap();
    assert_eq!(dead.iter().map(|one| one.id).collect::<Vec<_>>(), [ids[4]]);
    assert_eq!(dead[0].reason, "recipient_refused 550");
    let waiting = app.app.store.messages(None, Some(MessageState::Waiting), 10).await.unwrap();
    let reasons: HashSet<_> = waiting.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, HashSet::from(["message_refused", "server_too_slow", "recipient_refused 451"]));
    assert_eq!(deliver_due(&node.app).await.unwrap(), 0, "they wait for their time");
    app.pass(11);
    assert_eq!(deliver_due(&node.app).await.unwrap(), 3);
    assert_eq!(kept(&app).await.len(), 1);
    for (name, times) in [("ada", 1), ("half", 2), ("slow", 1), ("grey", 1), ("refused", 0)] {
        let mails = postbox.to(&format!("{name}@acme.test"));
        assert_eq!(mails.len(), times, "{name}");
        let distinct: HashSet<_> = mails.iter().map(|mail| (&mail.message_id, &mail.text)).collect();
        assert!(distinct.len() <= 1 || mails[0].message_id == mails[1].message_id, "{name}: {mails:?}");
    }
    // Somebody has mended it: as long as it has not ended, it goes out.
    app.app.store.commit(outbox::retry(ids[4], app.app.clock.now())).await.unwrap();
    assert_eq!(deliver_due(&node.app).await.unwrap(), 1);
    app.app.store.commit(outbox::drop_message(ids[4])).await.unwrap();
    assert!(kept(&app).await.is_empty());
}

async fn two_nodes_deliver_each_message_once(app: TestApp) {
    let postbox = Postbox::open().await;
    let (one, two) = (app.posting_node(postbox.post()).await, app.posting_node(postbox.post()).await);
    for number in 0..40 {
        post(&app, &format!("member-{number}@acme.test")).await;
    }
    let (by_one, by_two) = tokio::join!(deliver_due(&one.app), deliver_due(&two.app));
    assert_eq!(by_one.unwrap() + by_two.unwrap(), 40);
    assert_eq!(postbox.count(), 40, "no message twice");
    assert!(kept(&app).await.is_empty());

    // A node that goes away with a message in its hands: nobody touches it until its lease has ended.
    let id = post(&app, "left@acme.test").await;
    let due = app.app.store.due_messages(Channel::Email, app.app.clock.now(), 10).await.unwrap();
    let (claim, _) = outbox::claim(&due[0], app.app.clock.now().plus(Span::minutes(5)));
    app.app.store.commit(claim.clone()).await.unwrap();
    assert!(app.app.store.commit(claim).await.unwrap_err().is_guard(outbox::CLAIMED));
    assert_eq!(deliver_due(&two.app).await.unwrap(), 0);
    app.pass(301);
    assert_eq!(deliver_due(&two.app).await.unwrap(), 1);
    assert_eq!(postbox.to("left@acme.test")[0].message_id, format!("<{id}@acme.example>"));
}

async fn a_mail_server_that_hangs_holds_up_no_text_message(app: TestApp) {
    let (postbox, webhook) = (Postbox::open().await, Webhook::open().await);
    let Post::Sent { mail, .. } = postbox.post() else { panic!("it sends mail") };
    let node = app.posting_node(Post::Sent { mail, sms: Some(webhook.sms()) }).await;
    // Three times as many as are on their way at once, of which each waits for a second and a half.
    for number in 0..24 {
        post(&app, &format!("slow@acme-{number}.test")).await;
    }
    app.pass(1);
    let text = message(&app, "ada@acme.test", Span::minutes(5));
    let to = Recipient::Sms("+15555550123".to_owned());
    let letter = Letter { to, means: Means::Code("042042".to_owned()), ..text.letter.clone() };
    let text = Message { purpose: Purpose::SecondFactor, letter, ..text };
    let write = outbox::insert(&text, &app.app.vault, app.app.entropy.as_ref()).unwrap();
    app.app.store.commit(write).await.unwrap();
    let delivering = tokio::spawn(async move { deliver_due(&node.app).await.unwrap() });
    let came = tokio::time::timeout(Duration::from_millis(2500), webhook.next()).await;
    assert!(came.is_ok_and(|text| text.contains("042042")), "it waits for the mails");
    assert_eq!(delivering.await.unwrap(), 25);
}

/// Where text messages are posted to.
struct Webhook {
    url: Url,
    came: Mutex<mpsc::UnboundedReceiver<String>>,
}

impl Webhook {
    async fn open() -> Self {
        let (tell, came) = mpsc::unbounded_channel();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sms", listener.local_addr().unwrap()).parse().unwrap();
        let take = async move |body: String| tell.send(body).unwrap();
        let router = axum::Router::new().route("/sms", axum::routing::post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, came: Mutex::new(came) }
    }

    fn sms(&self) -> SmsWebhook {
        let secret = WebhookSecret::parse(&Secret::new(format!("whsec_{}", "A".repeat(32)))).unwrap();
        let policy = FetchPolicy { allow_loopback_http: true, ..FetchPolicy::default() };
        SmsWebhook::new(self.url.clone(), secret, &Fetcher::new(&policy).unwrap()).unwrap()
    }

    async fn next(&self) -> String {
        self.came.lock().await.recv().await.unwrap()
    }
}

async fn what_has_ended_is_not_sent(app: TestApp) {
    let postbox = Postbox::open().await;
    let node = app.posting_node(postbox.post()).await;
    let id = post(&app, "ada@acme.test").await;
    app.pass(3600);
    assert_eq!(deliver_due(&node.app).await.unwrap(), 0);
    app.app.store.commit(outbox::expire(app.app.clock.now())).await.unwrap();
    let dead = kept(&app).await;
    assert_eq!((dead[0].state, dead[0].reason.as_str()), (MessageState::Dead, outbox::EXPIRED));
    assert_eq!(app.app.store.letter(&app.app.vault, &dead[0]).await, Ok(None), "what it said is forgotten");
    let again = app.app.store.commit(outbox::retry(id, app.app.clock.now())).await;
    assert!(again.unwrap_err().is_guard(outbox::GIVEN_UP));
    assert_eq!(postbox.count(), 0);
    let later = app.app.clock.now().plus(Span::days(14));
    app.app.store.cleanup(later, Retention::default()).await.unwrap();
    assert!(kept(&app).await.is_empty());
}

async fn without_a_mail_server_messages_wait(app: TestApp) {
    post(&app, "ada@acme.test").await;
    let node = app.posting_node(Post::Sent { mail: None, sms: None }).await;
    assert_eq!(deliver_due(&node.app).await.unwrap(), 1);
    assert_eq!(kept(&app).await[0].reason, "not_configured");
    // Longer and longer, and never forgotten before it ends.
    for (seconds, tries) in [(11, 2), (21, 3), (41, 4)] {
        app.pass(seconds);
        assert_eq!(deliver_due(&node.app).await.unwrap(), 1);
        assert_eq!(kept(&app).await[0].tries, tries);
    }
}

async fn nothing_readable_is_kept(app: TestApp) {
    post(&app, "ada@acme.test").await;
    let read = vestibule_store::Read::new("outbox", "SELECT id, sealed_letter FROM outbox", Vec::new());
    let rows = app.app.store.query_all(read, |row| row.text(1)).await.unwrap();
    assert!(!rows[0].contains("ada") && !rows[0].contains("secret"), "{}", rows[0]);
    // And what a retired data key sealed is sealed again before that is forgotten.
    let (vault, entropy) = (&app.app.vault, app.app.entropy.as_ref());
    vault.rotate_data_key(entropy, NOW).await.unwrap();
    vault.reseal(entropy).await.unwrap();
    assert_eq!(vault.forget_data_keys(true, entropy, NOW).await.unwrap(), (1, 0));
    assert_eq!(app.messages_to("ada@acme.test").await.len(), 1);
}

async fn a_developer_reads_what_would_have_been_sent(app: TestApp) {
    post(&app, "ada@acme.test").await;
    app.pass(1);
    post(&app, "Grace@acme.test").await;
    post(&app, "ada@acme.test").await;
    assert_eq!(deliver_due(&app.app).await.unwrap(), 3);
    let found = app.messages_to("ADA@acme.test").await;
    assert_eq!(found.iter().map(|one| one.at).collect::<Vec<_>>(), [NOW, NOW.plus(Span::seconds(1))]);
    assert!(found[0].text.contains("\nhttps://app.example.com/in?token=secret-of-ada@acme.test\n"));
    assert!(found[0].subject.contains("Acmé"), "{}", found[0].subject);
}
