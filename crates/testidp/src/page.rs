//! The three pages: who to be, what was refused, and the form that posts itself.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Config, User};

/// A key hole, so that nobody takes this for the application.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect \
    width='32' height='32' rx='16' fill='%233a5bd9'/%3E%3Cpath d='M16 8a5 5 0 0 0-2 9.6V24h4v-6.4A5 5 0 0 0 16 8z' \
    fill='%23fff'/%3E%3C/svg%3E";

const STYLE: &str = include_str!("page.css");

/// Presses the button of the only form; a page without script shows the button.
const SUBMIT: &str = "document.forms[0].submit()";

/// What is said to somebody who chose nobody.
pub(crate) const CHOOSE: &str = "Choose somebody, or type an address like ada@example.com.";

/// What the page that lists the people asks for besides.
pub(crate) struct Chooser<'a> {
    /// Where it posts.
    pub(crate) action: String,
    /// Fields that come before the people, hidden or not.
    pub(crate) fields: &'a str,
    /// The address that is filled in.
    pub(crate) hint: &'a str,
    /// What is said below the faults: which of them are no reason to refuse, and when.
    pub(crate) excuse: &'a str,
    /// The faults as options.
    pub(crate) faults: String,
    /// Choices about the form of an honest answer; may be empty.
    pub(crate) shape: String,
    /// Whether a fault is asked for already.
    pub(crate) is_bent: bool,
}

/// The page that lists the people and takes any other address.
pub(crate) fn people(config: &Config, chooser: &Chooser<'_>) -> Response {
    let action = escape(&chooser.action);
    let rows: String = config.users.iter().map(person).collect();
    let hint = escape(chooser.hint);
    let shape = if chooser.shape.is_empty() {
        String::new()
    } else {
        format!(
            "<details><summary>Form of the answer</summary><div class=\"shape\">{}</div></details>",
            chooser.shape
        )
    };
    // The first button is what the return key presses: it means the typed address.
    let body = format!(
        "<p class=\"eyebrow\">Test identity provider</p><h1>Who signs in?</h1>\
         <p class=\"lead\">No password is asked. This provider exists in development only.</p>\
         <form method=\"post\" action=\"{action}\">\
         <button class=\"first\" tabindex=\"-1\" aria-hidden=\"true\" name=\"user\" value=\"\">Continue</button>\
         {fields}<ul>{rows}</ul>\
         <div class=\"other\"><label for=\"email\">Somebody else</label><div class=\"row\">\
         <input id=\"email\" name=\"email\" type=\"email\" placeholder=\"name@company.com\" value=\"{hint}\" \
         data-testid=\"email\" autocomplete=\"off\">\
         <button class=\"go\" name=\"user\" value=\"\" data-testid=\"continue\">Continue</button></div></div>\
         {shape}<details{open}><summary>Make something go wrong</summary>\
         <select name=\"fault\" aria-label=\"Fault\" data-testid=\"fault\"><option value=\"\">nothing: an honest answer\
         </option>{faults}</select><p>{excuse}</p></details>\
         </form>",
        fields = chooser.fields,
        faults = chooser.faults,
        excuse = escape(chooser.excuse),
        open = if chooser.is_bent { " open" } else { "" },
    );
    reply(StatusCode::OK, "Sign in", &body, "")
}

/// A page for a request that cannot be answered to the client.
pub(crate) fn refusal(status: StatusCode, why: &str) -> Response {
    let body = format!(
        "<p class=\"eyebrow\">Test identity provider</p><h1>That did not work</h1><p class=\"lead\">{}</p>",
        escape(why)
    );
    reply(status, "Refused", &body, "")
}

/// OAuth 2.0 Form Post Response Mode: a form that the page submits by itself.
pub(crate) fn form_post(to: &str, fields: &[(&'static str, String)]) -> Response {
    let hidden: String = fields.iter().map(|(name, value)| hidden(name, value)).collect();
    let body = format!(
        "<p class=\"eyebrow\">Test identity provider</p><h1>Taking you back</h1>\
         <form method=\"post\" action=\"{}\">{hidden}<button class=\"go\">Continue</button></form>\
         <script>{SUBMIT}</script>",
        escape(to)
    );
    reply(StatusCode::OK, "Taking you back", &body, SUBMIT)
}

fn person(user: &User) -> String {
    let initial: String = user.name.chars().take(1).collect();
    let groups: String = user.groups.iter().map(|group| format!("<i>{}</i>", escape(group))).collect();
    format!(
        "<li><button name=\"user\" value=\"{subject}\" data-testid=\"user-{email}\"><b class=\"face\">{initial}</b>\
         <span><b>{name}</b><small>{email}</small></span><em>{groups}</em></button></li>",
        subject = escape(&user.subject),
        email = escape(&user.email),
        name = escape(&user.name),
        initial = escape(&initial),
    )
}

/// The options of a choice: value and label of each.
pub(crate) fn options(choices: &[(&str, &str)], chosen: Option<&str>) -> String {
    let option = |(value, label): &(&str, &str)| {
        let selected = if chosen == Some(*value) { " selected" } else { "" };
        format!("<option value=\"{}\"{selected}>{}</option>", escape(value), escape(label))
    };
    choices.iter().map(option).collect()
}

/// A choice with its label.
pub(crate) fn choice(name: &str, label: &str, options: &str) -> String {
    format!(
        "<label for=\"{name}\">{label}</label><select id=\"{name}\" name=\"{name}\" data-testid=\"{name}\">{options}\
         </select>"
    )
}

/// A line to type in, with its label.
pub(crate) fn text_field(name: &str, label: &str, value: Option<&str>) -> String {
    let value = escape(value.unwrap_or_default());
    format!(
        "<label for=\"{name}\">{label}</label>\
         <input id=\"{name}\" name=\"{name}\" value=\"{value}\" data-testid=\"{name}\" autocomplete=\"off\">"
    )
}

/// A field that nobody sees.
pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value))
}

fn reply(status: StatusCode, title: &str, body: &str, script: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} – Test identity provider</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"{ICON}\"><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>"
    );
    // Browsers hold every hop of the redirects after a form against form-action, and the application at
    // the end of them is not known here: any web address may follow.
    let policy = format!(
        "default-src 'none'; style-src '{}'; img-src data:; {}form-action http: https:; frame-ancestors 'none'; base-uri 'none'",
        source(STYLE),
        if script.is_empty() { String::new() } else { format!("script-src '{}'; ", source(script)) },
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
