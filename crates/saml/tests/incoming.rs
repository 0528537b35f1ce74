//! What arrives in a form, and what people give to the command line.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use miniz_oxide::deflate::compress_to_vec;
use vestibule_saml::Refusal as _;
use vestibule_saml::binding::{
    DecodeError, InputError, InputForm, MOST_RESPONSE_OCTETS, decode_response, read_response,
};

/// Its base64 has `+`, `/` and `=`.
const XML: &str = "<Response>ab>>>???</Response>";

fn form_encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[test]
fn a_field_is_strict_base64_with_white_space() {
    let field = STANDARD.encode(XML);
    assert!(field.contains('+') && field.ends_with('='));
    assert_eq!(decode_response(&field).unwrap(), XML.as_bytes());
    let lines =
        field.as_bytes().chunks(20).map(|line| format!(" {}\r\n", line.escape_ascii())).collect::<String>();
    assert_eq!(decode_response(&lines).unwrap(), XML.as_bytes());
    for field in ["*", "PHI", &URL_SAFE.encode(XML), &field[..field.len() - 1], &format!("{field}AAAA")] {
        assert_eq!(decode_response(field), Err(DecodeError::NotBase64), "{field}");
    }
    for field in ["", " \r\n"] {
        assert_eq!(decode_response(field), Err(DecodeError::Empty));
    }
}

#[test]
fn a_compressed_response_is_refused_by_name() {
    let deflated = compress_to_vec(format!("\n{XML}{}", " ".repeat(100_000)).as_bytes(), 6);
    let refusal = decode_response(&STANDARD.encode(deflated)).unwrap_err();
    assert_eq!((refusal, refusal.code()), (DecodeError::Deflated, "response_deflated"));
    // Compressed data that is no markup is only something that will not parse.
    let other = STANDARD.encode(compress_to_vec(b"hello", 6));
    assert!(decode_response(&other).is_ok());
}

#[test]
fn a_response_has_at_most_half_a_mebibyte() {
    let of = |octets: usize| decode_response(&STANDARD.encode(vec![b'<'; octets])).map(|xml| xml.len());
    assert_eq!(of(MOST_RESPONSE_OCTETS), Ok(MOST_RESPONSE_OCTETS));
    assert_eq!(of(MOST_RESPONSE_OCTETS + 1), Err(DecodeError::TooLarge));
    assert_eq!(of(10 * MOST_RESPONSE_OCTETS), Err(DecodeError::TooLarge));
    assert_eq!(decode_response(&" ".repeat(10_000_000)), Err(DecodeError::TooLarge));
    let error = read_response(&vec![b'<'; MOST_RESPONSE_OCTETS + 1]).unwrap_err();
    assert_eq!(error, InputError::Field(DecodeError::TooLarge));
}

#[test]
fn a_tool_reads_a_response_in_whatever_form_it_comes() {
    let field = STANDARD.encode(XML);
    let encoded = form_encoded(&field);
    let body = format!("SAMLResponse={encoded}&RelayState=a+b%2Bc\n");
    for (input, form, relay_state) in [
        (XML, InputForm::Xml, None),
        (&format!("\u{feff}\n{XML}"), InputForm::Xml, None),
        (&field, InputForm::Base64, None),
        (&encoded, InputForm::Base64, None),
        (&body, InputForm::FormBody, Some("a b+c")),
        (&format!("RelayState=&SAMLResponse={encoded}"), InputForm::FormBody, Some("")),
        (&format!("SAMLResponse={field}"), InputForm::FormBody, None),
        (&format!("https://sp.example/acs?SAMLResponse={encoded}"), InputForm::FormBody, None),
    ] {
        let read = read_response(input.as_bytes()).unwrap();
        assert_eq!((read.form, read.relay_state.as_deref()), (form, relay_state), "{input}");
        assert!(String::from_utf8(read.xml).unwrap().ends_with(XML), "{input}");
    }
}

#[test]
fn a_tool_says_what_it_cannot_read() {
    let refused = |input: &str| read_response(input.as_bytes()).unwrap_err();
    assert_eq!(refused("SAMLRequest=PHI%2B"), InputError::Request);
    assert_eq!(refused("SAMLResponse=PHI%2B&SAMLResponse=PHI%2B"), InputError::Repeated("SAMLResponse"));
    assert_eq!(refused("SAMLResponse=PHI%2B&RelayState=%f"), InputError::Encoding);
    assert_eq!(refused("SAMLResponse=%FF%FE"), InputError::Encoding);
    assert_eq!(refused("SAMLResponse="), InputError::Field(DecodeError::Empty));
    assert_eq!(refused("eyJ?"), InputError::Field(DecodeError::NotBase64));
    assert_eq!(refused(""), InputError::Field(DecodeError::Empty));
    assert_eq!(
        read_response(b"\xff\xfe<\0"),
        Err(InputError::NotText(Some("it begins with the byte order mark of UTF-16")))
    );
    assert!(read_response(b"\x1f\x8b\x08\xff").unwrap_err().to_string().contains("gzip"));
}
