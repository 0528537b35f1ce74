//! German.

use super::Words;
use crate::operations::remedies::Cure;
use crate::world::provider_guides::{Act, Cause, Meaning, Note, Ours};

pub(super) const WORDS: Words = Words {
    set_up: "Einrichtung",
    overview: "Übersicht",
    new_tab: "In neuem Tab öffnen",
    finish_later: "Später weitermachen",
    session_ends: "Alles wird sofort gespeichert. Sie können hier bis {time} weitermachen.",
    copy: "Kopieren",
    copied: "Kopiert",
    go_on: "Weiter",
    done_there: "Das habe ich getan",
    did_not_work: "Das hat nicht geklappt",
    steps: "Schritte",
    step_create: "Anwendung anlegen",
    step_ours: "Unsere Werte dort eintragen",
    step_theirs: "Werte von dort holen",
    step_attributes: "Was über Personen gesendet wird",
    step_assign: "Personen zulassen",
    step_test: "Testen",
    step_enable: "Einschalten",
    is_done: "erledigt",
    is_open: "offen",
    landing_title: "Anmeldung für {organization} einrichten",
    landing_sentence: "{product} bittet Sie darum. Für Ihre Leute ändert sich nichts, bis Sie es einschalten.",
    landing_what: "Worum Sie gebeten werden",
    intent_sso: "Verbinden Sie Ihren Identitätsanbieter",
    intent_domains: "Zeigen Sie, dass Ihre Domains Ihnen gehören",
    landing_needs: "Was Sie brauchen",
    needs_rights: "Administratorrechte bei Ihrem Identitätsanbieter",
    needs_time: "Etwa 20 Minuten. Sie können jederzeit aufhören und in diesem Browser weitermachen.",
    needs_dns: "Zugang zum DNS Ihrer Domains, für einen Texteintrag",
    begin: "Beginnen",
    go_on_here: "Dort weitermachen, wo Sie aufgehört haben",
    contact_sentence: "Zeigen Sie zuerst, dass eine dieser Adressen Ihnen gehört. Wir senden einen Code dorthin.",
    send_code: "Code senden",
    code_sent: "Ein Code ist unterwegs an {address}. Er gilt zehn Minuten.",
    code: "Code",
    code_wrong: "Das ist nicht der gesendete Code, oder seine Zeit ist um.",
    used_title: "Dieser Link wird schon benutzt",
    used_sentence: "Er wurde am {time} geöffnet. Machen Sie in dem Browser weiter, in dem er geöffnet wurde, oder bitten Sie um einen neuen.",
    expired_title: "Dieser Link ist abgelaufen",
    expired_sentence: "Niemand hat ihn rechtzeitig geöffnet. Bitten Sie um einen neuen.",
    revoked_title: "Dieser Link wurde zurückgezogen",
    revoked_sentence: "Wer ihn geschickt hat, hat ihn zurückgezogen. Bitten Sie um einen neuen.",
    unknown_title: "Diesen Link gibt es nicht",
    unknown_sentence: "Die Adresse ist unvollständig oder falsch geschrieben. Öffnen Sie den Link so, wie er Ihnen geschickt wurde.",
    ended_title: "Ihre Sitzung ist zu Ende",
    ended_sentence: "Was Sie getan haben, ist gespeichert. Öffnen Sie den Link noch einmal; wird er schon benutzt, bitten Sie um einen neuen.",
    foreign_title: "Dieses Formular kam von anderswo",
    foreign_sentence: "Nichts wurde geändert. Öffnen Sie den Link noch einmal in einem aktuellen Browser und benutzen Sie die Formulare dieser Seiten.",
    ask_for_link: "Um einen neuen Link bitten",
    asked_title: "Sie haben um einen neuen Link gebeten",
    asked_sentence: "Wer Ihnen den Link geschickt hat, weiß Bescheid und schickt den neuen.",
    nothing_yet: "Noch ist kein Identitätsanbieter verbunden.",
    choose_provider: "Identitätsanbieter wählen",
    choose_another: "Einen weiteren Identitätsanbieter verbinden",
    state_draft: "Entwurf",
    state_ready: "Bereit zum Testen",
    state_tested: "Getestet",
    state_active: "Aktiv",
    next_step: "Als Nächstes: {step}",
    providers_title: "Welchen Identitätsanbieter benutzen Sie?",
    providers_sentence: "Die Schritte danach benutzen die Wörter seiner Konsole.",
    provider_other: "Meiner steht nicht in dieser Liste",
    protocol_title: "Wie soll {provider} verbunden werden?",
    protocol_sentence: "Wenn Sie wählen dürfen, nehmen Sie das Erste.",
    recommended: "empfohlen",
    names_change: "Konsolen werden ab und zu umbenannt. Diese Namen wurden {year} gesehen: Fehlt einer, suchen Sie einen ähnlichen.",
    open_console: "Seite öffnen",
    console_at: "Die Seite ist unter {link}.",
    watch_out: "Achten Sie darauf",
    ours_sentence: "Kopieren Sie jeden Wert bei {provider} in das Feld dieses Namens.",
    ours_then: "Dann auf denselben Seiten",
    theirs_saml: "Geben Sie uns die Metadaten von {provider} auf einem dieser Wege. Sie sehen, was darin steht, bevor etwas gespeichert wird.",
    metadata_url: "Adresse der Metadaten",
    metadata_file: "Metadaten als Datei",
    metadata_xml: "Metadaten als Text",
    by_hand: "Werte von Hand eintragen",
    sso_url: "Adresse für Anmeldungen",
    entity_id: "Entitäts-ID",
    certificate: "Signaturzertifikat",
    called_there: "Dort heißt es {label}.",
    stands_at: "Es steht unter {place}.",
    read_it: "Lesen",
    preview_title: "Ist das Ihr Identitätsanbieter?",
    preview_sentence: "Noch ist nichts gespeichert.",
    use_these: "Diese Werte benutzen",
    changed_meanwhile: "Das Dokument ist ein anderes als das, was Sie gesehen haben. Sehen Sie es noch einmal an.",
    nothing_given: "Geben Sie eine Adresse, eine Datei, einen Text oder die Werte von Hand an.",
    kept_now: "Jetzt gespeichert",
    ends: "endet am {time}",
    has_ended: "ist abgelaufen",
    theirs_oidc: "Geben Sie uns, was {provider} für die Anwendung zeigt. Wir sehen sofort nach, ob der Anbieter antwortet.",
    issuer: "Aussteller",
    client_id: "Client-ID",
    client_secret: "Geheimnis des Clients",
    tenant_id: "Mandanten-ID",
    domain: "Domäne",
    hosted_domain: "Domäne der Adressen Ihrer Leute",
    secret_kept: "Ein Geheimnis, das mit {last} endet, ist gespeichert. Lassen Sie das Feld leer, um es zu behalten.",
    save: "Speichern",
    answers: "Der Anbieter wurde gefunden, und seine Einstellungen sind vollständig.",
    missing: "Noch fehlt: {missing}.",
    attributes_sentence: "Lassen Sie das senden. Eingestellt wird es unter {place}.",
    column_need: "Was gebraucht wird",
    column_name: "Name in der Nachricht",
    column_from: "Genommen aus",
    required: "nötig",
    also_needed: "Die Anwendung braucht außerdem: {names}.",
    assign_sentence: "Personen können sich erst anmelden, wenn sie dort zugelassen sind. Lassen Sie vor dem Test auch sich selbst zu.",
    test_sentence: "Ein neuer Tab öffnet sich, in dem Sie sich bei {provider} anmelden. Hier wird dadurch niemand angemeldet und nichts geändert.",
    test_begin: "Test beginnen",
    test_again: "Noch einmal testen",
    test_show: "Ergebnis zeigen",
    test_never: "Es wurde noch nicht getestet.",
    test_running: "Der Test läuft in einem anderen Tab.",
    test_silent: "Seit zwei Minuten kam keine Antwort. Vielleicht hat {provider} selbst einen Fehler gezeigt. Das sind die üblichen:",
    test_passed: "Es funktioniert: {email} würde angemeldet.",
    test_failed: "Es funktioniert noch nicht.",
    test_outdated: "Die Einstellungen wurden seit dem letzten Test geändert.",
    test_expired: "Vom letzten Test kam niemand rechtzeitig zurück.",
    would_sign_in: "Ein Mitglied, das sich schon angemeldet hat.",
    would_link: "Ein Mitglied, das unter dieser Adresse bekannt ist.",
    would_create: "Jemand Neues, der Mitglied würde.",
    person: "Wer angemeldet würde",
    roles: "Rollen",
    checks: "Was geprüft wurde",
    sent_attributes: "Was gesendet wurde",
    what_to_do: "Was zu tun ist",
    who_customer: "Das ändern Sie, bei {provider}.",
    who_vendor: "Das ändert {product}.",
    who_either: "Das ändern Sie bei {provider}, oder {product}.",
    who_nobody: "Niemand muss etwas ändern.",
    setting_called: "Die Einstellung heißt {label}.",
    has_to_be: "Dort muss stehen",
    change_here: "Zu ändern unter:",
    shown_there: "Zeigt {provider} selbst einen Fehler?",
    address_called: "Falls dort die Rücksprungadresse nicht bekannt ist: Sie heißt dort {label}.",
    other_issuer: "Der Anbieter nennt sich anders, als der eingegebene Aussteller lautet. Beide müssen buchstabengleich sein, bis zum letzten Schrägstrich.",
    enable_sentence: "Ab dann melden sich Ihre Leute über {provider} an.",
    needs_values: "Die Werte sind vollständig",
    needs_test: "Ein Test mit diesen Einstellungen ist gelungen",
    needs_people: "Personen sind zugelassen, wie Sie gesagt haben",
    enable_now: "Einschalten",
    enable_ask: "{product} bitten, es einzuschalten",
    enable_asked: "{product} wurde gebeten, es einzuschalten.",
    enable_not_yet: "Oben ist noch etwas zu tun.",
    active_title: "Es ist eingeschaltet",
    active_sentence: "Ihre Leute melden sich ab jetzt über {provider} an.",
    needs_domains: "Domains sind bestätigt",
    domains_title: "Domains",
    domains_sentence: "Wer eine Adresse in einer bestätigten Domain eingibt, wird zu Ihrem Identitätsanbieter geschickt, und was der über Adressen dort sagt, gilt.",
    domains_none: "Noch keine Domain ist eingetragen.",
    domain_name: "Domain",
    domain_hint: "Was in den Adressen Ihrer Leute nach dem @ steht, etwa acme.com",
    domain_add: "Domain hinzufügen",
    domain_pending: "Wartet auf Ihren DNS-Eintrag",
    domain_verified: "Bestätigt",
    domain_at_risk: "Bestätigt, aber der Eintrag ist weg",
    domain_lost: "Verloren: Der Eintrag war zu lange weg",
    domain_claimed: "Von {product} bestätigt",
    domain_lead: "Legen Sie diesen Eintrag dort an, wo das DNS von {domain} verwaltet wird. Lassen Sie die anderen Einträge, wie sie sind.",
    record_type: "Typ",
    record_name: "Name, kurz",
    record_name_hint: "Für Konsolen, die {zone} selbst anhängen, wie die meisten",
    record_full_name: "Name, vollständig",
    record_value: "Wert",
    record_else: "Wenn Ihre Konsole diesen Namen nicht anlegen kann, tragen Sie denselben Wert bei {domain} selbst ein. Wenn jemand anders die Texte verwaltet, legen Sie unter diesem Namen einen CNAME an, der auf {target} zeigt.",
    check_now: "Jetzt nachsehen",
    checked_at: "Zuletzt nachgesehen: {time}",
    check_next: "Wir sehen von selbst wieder nach, als Nächstes {time}. Sie können diese Seite schließen.",
    check_stopped: "Wir sehen nicht mehr von selbst nach. Benutzen Sie den Knopf, wenn der Eintrag da ist.",
    found_title: "Was wir gefunden haben",
    found_record: "Der Eintrag ist da.",
    found_doubled: "Der Wert ist da, aber sein Name endet zweimal auf {zone}. Tragen Sie den kurzen Namen ein.",
    found_texts: "Texteinträge unter diesem Namen: {count}. Keiner hat den Wert von oben.",
    found_points: "Der Name zeigt auf {to}, und dort ist der Wert nicht. Entfernen Sie diesen Eintrag, oder benutzen Sie die Domain selbst.",
    found_no_texts: "Den Namen gibt es, aber ohne Texteintrag.",
    found_nothing: "Unter diesem Namen ist noch nichts. Bis ein neuer Eintrag zu sehen ist, kann es eine Stunde dauern, mancherorts einen Tag.",
    found_silence: "Kein Namensserver hat rechtzeitig geantwortet. Über den Eintrag sagt das nichts.",
    found_trouble: "Die Namensserver von {domain} haben keine brauchbare Antwort gegeben. Wer sie verwaltet, kann sagen, warum.",
    domain_held: "Der Eintrag ist da, und diese Domain wartet noch. Bitte wenden Sie sich an {product}.",
    domain_stays: "Bestätigt {time}. Lassen Sie den Eintrag stehen: Wir sehen jeden Monat nach.",
    domain_lost_at: "Legen Sie den Eintrag bis {time} wieder an. Danach gilt die Domain hier nicht mehr als Ihre; abgemeldet wird niemand.",
    domain_remove: "Diese Domain entfernen",
    wrong_domain: "Das ist keine Domain einer Firma. Geben Sie ein, was nach dem @ steht, etwa acme.com.",
    wrong_public_mail: "Diese Domain gehört einem öffentlichen E-Mail-Dienst und damit keiner Firma.",
    wrong_metadata_url: "Unter dieser Adresse war nichts zu lesen.",
    wrong_metadata: "Das sind keine Metadaten eines Identitätsanbieters, die sich benutzen lassen.",
    wrong_taken: "Dieser Identitätsanbieter ist mit Ihrer Organisation schon verbunden.",
    wrong_value: "Ein Wert lässt sich so nicht benutzen.",
    wrong_too_many: "Es gibt schon so viele, wie es geben darf.",
    wrong_later: "Versuchen Sie es gleich noch einmal.",
    act,
    why,
    means,
    note,
    cause,
    cure,
};

const fn act(act: Act) -> &'static str {
    match act {
        Act::Go => "Gehen Sie zu {label}.",
        Act::Press => "Drücken Sie {label}.",
        Act::Choose => "Wählen Sie {label}.",
        Act::Set => "Setzen Sie {label} auf {value}.",
        Act::Tick => "Haken Sie {label} an.",
        Act::Untick => "Nehmen Sie den Haken bei {label} weg.",
        Act::Enter => "Füllen Sie {label} aus.",
        Act::Edit => "Ändern Sie die Datei {label}.",
        Act::Run => "Führen Sie {label} aus.",
    }
}

const fn why(value: Ours) -> &'static str {
    match value {
        Ours::AcsUrl | Ours::RedirectUrl => "Wohin Anmeldungen zurückkommen.",
        Ours::AcsUrlPattern => "Ein regulärer Ausdruck, auf den nur diese Adresse passt.",
        Ours::AudienceUri => "Der Name, unter dem wir dort bekannt sind.",
        Ours::SpMetadataUrl => "Unsere Werte in einem Dokument, für Konsolen, die es selbst lesen.",
        Ours::SpMetadataXml => {
            "Unsere Werte in einem Dokument. Öffnen Sie diese Adresse und kopieren Sie, was sie zeigt."
        }
        Ours::ScimBaseUrl => "Wohin Personen und Gruppen gesendet werden.",
        Ours::ScimToken => "Daran erkennen wir das Verzeichnis.",
    }
}

const fn means(means: Meaning) -> &'static str {
    match means {
        Meaning::Email => "E-Mail-Adresse",
        Meaning::FullName => "Ganzer Name",
        Meaning::FirstName => "Vorname",
        Meaning::LastName => "Nachname",
        Meaning::Id => "Was sich an jemandem nie ändert",
        Meaning::Groups => "Gruppen",
    }
}

const fn note(note: Note) -> &'static str {
    match note {
        Note::AccessAtATime => {
            "Der Zugang beginnt vielleicht erst zu einer Zeit, die dort eingestellt ist, etwa am ersten Arbeitstag."
        }
        Note::AdminHostIsNoIssuer => {
            "Die Adresse der Konsole mit -admin darin ist nicht die gemeinte Domäne."
        }
        Note::AppMetadata => {
            "Die Adresse der Metadaten muss appid= enthalten. Ohne das ist das Zertifikat ein anderes."
        }
        Note::AttributesMoved => {
            "Neuere Konsolen stellen Attribute erst ein, wenn die Anwendung angelegt ist, auf einem anderen Reiter."
        }
        Note::ClientMethod => "Beide Seiten müssen das Geheimnis des Clients auf dieselbe Weise senden.",
        Note::Clock => "Die Uhr des Servers muss stimmen.",
        Note::Encrypts => {
            "Er verschlüsselt, wenn man es ihm nicht verbietet, und scheitert, wo er keinen Schlüssel von uns hat."
        }
        Note::EverybodyIsLetIn => "Alle sind zugelassen, bis Sie es einschränken.",
        Note::FileOnly => "Es gibt keine Adresse der Metadaten: Laden Sie die Datei herunter.",
        Note::FreeEntityId => {
            "Seine Entitäts-ID denken Sie sich selbst aus. Auf beiden Seiten muss derselbe Text stehen."
        }
        Note::GroupsAreIds => "Gruppen werden mit ihren IDs gesendet, nicht mit ihren Namen.",
        Note::GroupsArePicked => {
            "Nur Gruppen, die Sie auswählen, werden gesendet. Eine umbenannte Gruppe muss neu gewählt werden."
        }
        Note::IssuerSlash => {
            "Kopieren Sie den Aussteller Zeichen für Zeichen. Ein Schrägstrich am Ende zählt."
        }
        Note::MailUnverified => "Adressen, die dort nicht als bestätigt gelten, werden abgelehnt.",
        Note::ManyGroupsLeftOut => "Bei jemandem in mehr als 150 Gruppen wird keine gesendet.",
        Note::MustBeReachable => "Unser Server muss ihn über das Internet erreichen können.",
        Note::NameIsNotMail => {
            "Der Benutzername dort sieht aus wie eine E-Mail-Adresse und ist oft keine. Nehmen Sie die Adresse selbst."
        }
        Note::NestedGroupsDoNotCount => "Gruppen in Gruppen zählen nicht.",
        Note::NoGroups => "Auf diesem Weg sendet er keine Gruppen.",
        Note::NotInAnOidcApp => {
            "In einer Anwendung für OpenID Connect geht das nicht: Legen Sie eine zweite an."
        }
        Note::NothingIsSentUnlessAdded => "Über Personen wird nichts gesendet, was Sie nicht hinzufügen.",
        Note::OffAtFirst => "Sie ist zuerst aus. Schalten Sie sie mit dem Schalter oben ein.",
        Note::OftenUnreachable => {
            "Solche Server sind von außen oft nicht erreichbar. Geben Sie uns dann die Datei."
        }
        Note::OurMetadataMustBeReachable => "Er liest unsere Metadaten selbst und muss sie erreichen können.",
        Note::Pattern => "Eines der Felder nimmt einen regulären Ausdruck. Kopieren Sie ihn, wie er ist.",
        Note::ProvisioningHasToStart => "Nichts wird gesendet, bis Sie es dort starten.",
        Note::RedirectEndpointFirst => {
            "Geben Sie den Redirect-Endpunkt an, bevor Sie die Metadaten kopieren: Er ändert, was darin steht."
        }
        Note::RegionDiffers => {
            "Adressen sind je nach Region andere. Kopieren Sie sie aus Ihrer eigenen Konsole."
        }
        Note::RenewingReplaces => {
            "Ein neues Zertifikat ersetzt das alte sofort. Geben Sie es uns in derselben Minute."
        }
        Note::SaveEachPage => "Jede Seite dort muss für sich gespeichert werden.",
        Note::SecondRule => {
            "Eine zweite Regel muss aus der E-Mail-Adresse den Namen der Person machen, im Format für E-Mail."
        }
        Note::SecretEnds => "Das Geheimnis läuft ab. Notieren Sie, wann.",
        Note::SecretValue => "Kopieren Sie den Wert des Geheimnisses, nicht seine ID.",
        Note::Sha1IsPreset => "Voreingestellt ist SHA-1, das hier abgelehnt wird. Wählen Sie SHA-256.",
        Note::ShownOnce => "Das Geheimnis wird nur einmal gezeigt.",
        Note::SourceFirst => "Zuerst muss dort eine Quelle von Personen funktionieren.",
        Note::TakesADay => "Es kann bis zu 24 Stunden dauern, bis es für alle gilt.",
        Note::TwoLookAlike => {
            "Die Adresse für Anmeldungen und die Entitäts-ID sehen sich ähnlich. Verwechseln Sie sie nicht."
        }
        Note::WaitsForApproval => "Änderungen warten vielleicht, bis jemand sie freigibt.",
    }
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::NotAssigned => "Die Person darf die Anwendung dort nicht benutzen. Lassen Sie sie zu.",
        Cause::EntityIdDiffers => "Unsere Entitäts-ID ist dort nicht bekannt. Kopieren Sie sie noch einmal.",
        Cause::EntityIdTwice => "Eine andere Anwendung dort hat unsere Entitäts-ID schon.",
        Cause::AcsUrlDiffers => "Unsere Adresse ist dort nicht bekannt. Kopieren Sie sie noch einmal.",
        Cause::RedirectUrlDiffers => {
            "Unsere Rücksprungadresse ist dort nicht eingetragen. Kopieren Sie sie noch einmal."
        }
        Cause::ClientIdDiffers => "Die Client-ID hier ist nicht die der Anwendung.",
        Cause::ClientSecret => {
            "Das Geheimnis des Clients ist falsch oder abgelaufen. Machen Sie ein neues und tragen Sie es hier ein."
        }
        Cause::PublicClient => {
            "Die Anwendung wurde als eine ohne Geheimnis eingetragen. Tragen Sie sie für das Web ein."
        }
        Cause::NameIdFormat => {
            "Der Name der Person kann nicht als E-Mail-Adresse gesendet werden. Ändern Sie sein Format."
        }
        Cause::AttributeEmpty => {
            "Woraus ein Attribut genommen wird, ist bei dieser Person leer. Wählen Sie eine andere Quelle."
        }
        Cause::RequestSignature => {
            "Unsere Anfragen sollen signiert sein, oder dort liegt ein anderes Zertifikat von uns."
        }
        Cause::Certificate => "Das eigene Zertifikat fehlt oder ist abgelaufen.",
        Cause::SsoUrl => "Die Adresse für Anmeldungen führt zu etwas anderem. Kopieren Sie sie noch einmal.",
        Cause::OtherAccount => {
            "Jemand mit einem anderen Konto ist angemeldet. Melden Sie sich dort ab und wählen Sie das richtige."
        }
        Cause::SwitchedOff => "Die Anwendung ist abgeschaltet oder weg.",
        Cause::Consent => "Ein Administrator muss dort zustimmen.",
        Cause::OtherIssuer => "Der Aussteller hier ist ein anderer desselben Anbieters.",
        Cause::RefusedByPolicy => "Eine Richtlinie Ihrer Organisation lehnt es ab.",
    }
}

const fn cure(cure: Cure) -> &'static str {
    match cure {
        Cure::Sign => {
            "Weder die Nachricht noch die Aussage darin war signiert. Lassen Sie die Assertion signieren."
        }
        Cure::GiveCertificate => {
            "Signiert wurde mit einem Zertifikat, das wir nicht haben. Geben Sie uns das benutzte oder die Metadaten noch einmal."
        }
        Cure::SetAudience => "Sie war für jemand anderen bestimmt. Tragen Sie dort unsere Entitäts-ID ein.",
        Cure::SetAcsUrl => "Sie war an eine andere Stelle gerichtet. Tragen Sie dort unsere Adresse ein.",
        Cure::CompareIssuer => {
            "Sie kam von einem anderen Anbieter, als wir kennen. Vergleichen Sie die Metadaten: Sie sind vielleicht die einer anderen Anwendung oder eines anderen Mandanten."
        }
        Cure::SetClock => {
            "Die Zeit dort und unsere stimmen nicht überein. Stellen Sie die Uhr des Anbieters."
        }
        Cure::AskProvider => "Der Anbieter selbst hat abgelehnt. Was er gesagt hat, steht unten.",
        Cure::AllowTile => {
            "Sie begann beim Anbieter, was hier nicht erlaubt ist. Beginnen Sie bei der Anwendung oder lassen Sie es erlauben."
        }
        Cure::BeginAgain => "Beginnen Sie noch einmal und bleiben Sie in einem Browser, der Cookies erlaubt.",
        Cure::FindGateway => {
            "Etwas zwischen dem Anbieter und uns ändert die Nachricht oder lässt einen Teil weg."
        }
        Cure::SendResponse => {
            "Was zurückkam, ist keine Antwort, die sich benutzen lässt. Lassen Sie sie an unsere Adresse posten."
        }
        Cure::MapEmail => {
            "Es kam keine brauchbare E-Mail-Adresse. Senden Sie eine oder nennen Sie das Attribut, in dem sie steht."
        }
        Cure::MapName => {
            "Es kam kein Name. Senden Sie einen oder nennen Sie die Attribute, in denen er steht."
        }
        Cure::MapSubject => {
            "Es kam nichts, was sich an der Person nie ändert. Senden Sie es oder nennen Sie das Attribut, in dem es steht."
        }
        Cure::Relink => {
            "Die Adresse gehört jemandem, der unter einer anderen ID bekannt ist. Wurde die Person dort neu angelegt, lassen Sie sie neu verknüpfen."
        }
        Cure::SendGroups => {
            "Es kam keine Gruppe, die sich anmelden darf. Senden Sie Gruppen oder geben Sie einer davon eine Rolle."
        }
        Cure::SetAlgorithm => "Ein altes Verfahren wurde benutzt. Wählen Sie SHA-256.",
        Cure::RenewEncryption => {
            "Verschlüsselt wurde für einen anderen Schlüssel als unseren. Geben Sie dem Anbieter unsere aktuellen Metadaten oder schalten Sie die Verschlüsselung ab."
        }
        Cure::CompareClient => {
            "Der Anbieter nimmt die Anwendung nicht so, wie wir sie kennen. Vergleichen Sie ID, Geheimnis und Rücksprungadresse."
        }
        Cure::CompareSecret => {
            "Der Anbieter nimmt die Client-ID mit diesem Geheimnis nicht an. Geben Sie beide noch einmal ein."
        }
        Cure::OpenFirewall => {
            "Unser Server konnte den Anbieter nicht erreichen. Lassen Sie ihn durch oder nehmen Sie SAML, das diesen Weg nicht braucht."
        }
        Cure::CompareToken => {
            "Das Token ist nicht für diese Anwendung oder nicht von diesem Aussteller. Vergleichen Sie den Aussteller Zeichen für Zeichen und die Client-ID."
        }
        Cure::VerifyEmail => {
            "Der Anbieter sagt, die Adresse sei nicht bestätigt. Lassen Sie sie dort bestätigen."
        }
        Cure::Assign => "Die Person darf die Anwendung nicht benutzen. Lassen Sie sie dort zu.",
        Cure::AllowJoining => {
            "Die Person ist kein Mitglied und darf auf diesem Weg keines werden. Laden Sie sie ein oder lassen Sie Beitritte zu."
        }
        Cure::Complete => "Die Verbindung ist nicht eingeschaltet, oder etwas an ihr fehlt.",
        Cure::TryLater => "Versuchen Sie es nach einer Weile noch einmal.",
        Cure::AskVendor => "Das können nicht Sie ändern.",
    }
}
