//! French.

use super::Words;
use crate::operations::remedies::Cure;
use crate::world::provider_guides::{Act, Cause, Meaning, Note, Ours};

pub(super) const WORDS: Words = Words {
    set_up: "Configuration",
    overview: "Vue d’ensemble",
    new_tab: "Ouvrir dans un nouvel onglet",
    finish_later: "Terminer plus tard",
    session_ends: "Tout est enregistré au fur et à mesure. Vous pouvez continuer ici jusqu’au {time}.",
    copy: "Copier",
    copied: "Copié",
    go_on: "Continuer",
    done_there: "C’est fait",
    did_not_work: "Cela n’a pas fonctionné",
    steps: "Étapes",
    step_create: "Créer l’application",
    step_ours: "Y saisir nos valeurs",
    step_theirs: "Rapporter ses valeurs ici",
    step_attributes: "Ce qui est envoyé sur les personnes",
    step_assign: "Donner accès aux personnes",
    step_test: "Tester",
    step_enable: "Activer",
    is_done: "fait",
    is_open: "à faire",
    landing_title: "Configurer la connexion pour {organization}",
    landing_sentence: "{product} vous le demande. Rien ne change pour vos utilisateurs tant que vous ne l’activez pas.",
    landing_what: "Ce qui vous est demandé",
    intent_sso: "Relier votre fournisseur d’identité",
    intent_domains: "Montrer que vos domaines vous appartiennent",
    landing_needs: "Ce qu’il vous faut",
    needs_rights: "Des droits d’administration chez votre fournisseur d’identité",
    needs_time: "Environ 20 minutes. Vous pouvez vous arrêter à tout moment et reprendre dans ce navigateur.",
    needs_dns: "Un accès au DNS de vos domaines, pour un enregistrement de texte",
    begin: "Commencer",
    go_on_here: "Reprendre où vous en étiez",
    contact_sentence: "Pour commencer, montrez qu’une de ces adresses est la vôtre. Nous y envoyons un code.",
    send_code: "Envoyer un code",
    code_sent: "Un code est en route vers {address}. Il est valable dix minutes.",
    code: "Code",
    code_wrong: "Ce n’est pas le code envoyé, ou son délai est passé.",
    used_title: "Ce lien est déjà utilisé",
    used_sentence: "Il a été ouvert le {time}. Continuez dans le navigateur où il a été ouvert, ou demandez un nouveau lien.",
    expired_title: "Ce lien a expiré",
    expired_sentence: "Personne ne l’a ouvert à temps. Demandez-en un nouveau.",
    revoked_title: "Ce lien a été retiré",
    revoked_sentence: "La personne qui l’a envoyé l’a retiré. Demandez-en un nouveau.",
    unknown_title: "Ce lien n’existe pas",
    unknown_sentence: "L’adresse est incomplète ou mal saisie. Ouvrez le lien tel qu’il vous a été envoyé.",
    ended_title: "Votre session est terminée",
    ended_sentence: "Ce que vous avez fait est conservé. Ouvrez le lien de nouveau ; s’il est déjà utilisé, demandez-en un autre.",
    foreign_title: "Ce formulaire venait d’ailleurs",
    foreign_sentence: "Rien n’a été modifié. Ouvrez le lien de nouveau dans un navigateur à jour et utilisez les formulaires de ces pages.",
    ask_for_link: "Demander un nouveau lien",
    asked_title: "Vous avez demandé un nouveau lien",
    asked_sentence: "La personne qui vous a envoyé le lien est prévenue et enverra le nouveau.",
    nothing_yet: "Aucun fournisseur d’identité n’est encore relié.",
    choose_provider: "Choisir votre fournisseur d’identité",
    choose_another: "Relier un autre fournisseur d’identité",
    state_draft: "Brouillon",
    state_ready: "Prêt à tester",
    state_tested: "Testé",
    state_active: "Actif",
    next_step: "Ensuite : {step}",
    providers_title: "Quel fournisseur d’identité utilisez-vous ?",
    providers_sentence: "Les étapes suivantes emploient les mots de sa console.",
    provider_other: "Le mien n’est pas dans la liste",
    protocol_title: "Comment relier {provider} ?",
    protocol_sentence: "Si vous avez le choix, prenez le premier.",
    recommended: "conseillé",
    names_change: "Les consoles changent de noms de temps en temps. Ceux-ci ont été vus en {year} : s’il en manque un, cherchez un nom proche.",
    open_console: "Ouvrir la page",
    console_at: "La page se trouve à {link}.",
    watch_out: "Points d’attention",
    ours_sentence: "Copiez chaque valeur dans le champ de ce nom chez {provider}.",
    ours_then: "Ensuite, sur les mêmes pages",
    theirs_saml: "Donnez-nous les métadonnées de {provider} de l’une de ces façons. Vous voyez leur contenu avant tout enregistrement.",
    metadata_url: "Adresse des métadonnées",
    metadata_file: "Fichier de métadonnées",
    metadata_xml: "Métadonnées en texte",
    by_hand: "Saisir les valeurs à la main",
    sso_url: "Adresse de connexion",
    entity_id: "Identifiant d’entité",
    certificate: "Certificat de signature",
    called_there: "Là-bas, c’est {label}.",
    stands_at: "Cela se trouve sous {place}.",
    read_it: "Lire",
    preview_title: "Est-ce votre fournisseur d’identité ?",
    preview_sentence: "Rien n’est encore enregistré.",
    use_these: "Utiliser ces valeurs",
    changed_meanwhile: "Le document n’est plus celui que vous avez vu. Regardez-le encore une fois.",
    nothing_given: "Donnez une adresse, un fichier, un texte ou les valeurs à la main.",
    kept_now: "Enregistré actuellement",
    ends: "expire le {time}",
    has_ended: "a expiré",
    theirs_oidc: "Donnez-nous ce que {provider} affiche pour l’application. Nous vérifions aussitôt s’il répond.",
    issuer: "Émetteur",
    client_id: "Identifiant client",
    client_secret: "Secret du client",
    tenant_id: "Identifiant de locataire",
    domain: "Domaine",
    hosted_domain: "Domaine des adresses de vos utilisateurs",
    secret_kept: "Un secret qui finit par {last} est enregistré. Laissez le champ vide pour le garder.",
    save: "Enregistrer",
    answers: "Le fournisseur a été trouvé et ses réglages sont complets.",
    missing: "Il manque encore : {missing}.",
    attributes_sentence: "Faites envoyer ceci. Cela se règle sous {place}.",
    column_need: "Ce qu’il faut",
    column_name: "Nom dans le message",
    column_from: "Tiré de",
    required: "nécessaire",
    also_needed: "L’application a aussi besoin de : {names}.",
    assign_sentence: "Les personnes ne peuvent se connecter qu’après avoir reçu l’accès là-bas. Donnez-le aussi à vous-même avant de tester.",
    test_sentence: "Un nouvel onglet s’ouvre, où vous vous connectez chez {provider}. Personne n’est connecté ici et rien n’est modifié.",
    test_begin: "Commencer le test",
    test_again: "Tester de nouveau",
    test_show: "Afficher le résultat",
    test_never: "Pas encore testé.",
    test_running: "Le test est en cours dans un autre onglet.",
    test_silent: "Aucune réponse depuis deux minutes. {provider} a peut-être affiché une erreur. Voici les plus courantes :",
    test_passed: "Cela fonctionne : {email} serait connecté.",
    test_failed: "Cela ne fonctionne pas encore.",
    test_outdated: "Les réglages ont changé depuis le dernier test.",
    test_expired: "Personne n’est revenu à temps du dernier test.",
    would_sign_in: "Un membre qui s’est déjà connecté.",
    would_link: "Un membre connu par cette adresse.",
    would_create: "Une nouvelle personne, qui deviendrait membre.",
    person: "Qui serait connecté",
    roles: "Rôles",
    checks: "Ce qui a été vérifié",
    sent_attributes: "Ce qui a été envoyé",
    what_to_do: "Que faire",
    who_customer: "À changer par vous, chez {provider}.",
    who_vendor: "À changer par {product}.",
    who_either: "À changer par vous chez {provider}, ou par {product}.",
    who_nobody: "Personne n’a rien à changer.",
    setting_called: "Le réglage s’appelle {label}.",
    has_to_be: "Il doit contenir",
    change_here: "À modifier sous :",
    shown_there: "{provider} affiche-t-il lui-même une erreur ?",
    address_called: "S’il ne connaît pas l’adresse de retour : elle s’y appelle {label}.",
    other_issuer: "Le fournisseur se nomme autrement que l’émetteur saisi. Les deux doivent être identiques, jusqu’à la dernière barre oblique.",
    enable_sentence: "Dès lors, vos utilisateurs se connectent par {provider}.",
    needs_values: "Les valeurs sont complètes",
    needs_test: "Un test a réussi avec ces réglages",
    needs_people: "Les personnes ont accès, comme vous l’avez dit",
    enable_now: "Activer",
    enable_ask: "Demander l’activation à {product}",
    enable_asked: "L’activation a été demandée à {product}.",
    enable_not_yet: "Il reste quelque chose à faire ci-dessus.",
    active_title: "C’est activé",
    active_sentence: "Vos utilisateurs se connectent désormais par {provider}.",
    needs_domains: "Les domaines sont vérifiés",
    domains_title: "Domaines",
    domains_sentence: "Quiconque saisit une adresse d’un domaine vérifié est envoyé vers votre fournisseur d’identité, et ce qu’il dit de ces adresses fait foi.",
    domains_none: "Aucun domaine n’a encore été ajouté.",
    domain_name: "Domaine",
    domain_hint: "Ce qui suit le @ dans les adresses de vos utilisateurs, par exemple acme.com",
    domain_add: "Ajouter le domaine",
    domain_pending: "En attente de votre enregistrement DNS",
    domain_verified: "Vérifié",
    domain_at_risk: "Vérifié, mais l’enregistrement a disparu",
    domain_lost: "Perdu : l’enregistrement a disparu trop longtemps",
    domain_claimed: "Confirmé par {product}",
    domain_lead: "Créez cet enregistrement là où le DNS de {domain} est géré. Laissez les autres enregistrements tels quels.",
    record_type: "Type d’enregistrement",
    record_name: "Nom, court",
    record_name_hint: "Pour les consoles qui ajoutent {zone} elles-mêmes, comme la plupart",
    record_full_name: "Nom, complet",
    record_value: "Valeur",
    record_else: "Si votre console ne peut pas créer ce nom, placez la même valeur sur {domain} lui-même. Si quelqu’un d’autre gère les textes, créez sous ce nom un CNAME qui pointe vers {target}.",
    check_now: "Vérifier maintenant",
    checked_at: "Dernière vérification : {time}",
    check_next: "Nous vérifions de nouveau nous-mêmes, la prochaine fois {time}. Vous pouvez fermer cette page.",
    check_stopped: "Nous ne vérifions plus de nous-mêmes. Utilisez le bouton quand l’enregistrement est en place.",
    found_title: "Ce que nous avons trouvé",
    found_record: "L’enregistrement est là.",
    found_doubled: "La valeur est là, mais son nom se termine deux fois par {zone}. Saisissez le nom court.",
    found_texts: "Enregistrements de texte sous ce nom : {count}. Aucun n’a la valeur ci-dessus.",
    found_points: "Le nom pointe vers {to}, et la valeur n’y est pas. Supprimez cet enregistrement ou utilisez le domaine lui-même.",
    found_no_texts: "Le nom existe, sans enregistrement de texte.",
    found_nothing: "Il n’y a encore rien sous ce nom. Un nouvel enregistrement peut mettre une heure à apparaître, parfois un jour.",
    found_silence: "Aucun serveur de noms n’a répondu à temps. Cela ne dit rien de l’enregistrement.",
    found_trouble: "Les serveurs de noms de {domain} n’ont pas donné de réponse utilisable. Ceux qui les gèrent peuvent dire pourquoi.",
    domain_held: "L’enregistrement est là, et ce domaine reste en attente. Veuillez contacter {product}.",
    domain_stays: "Vérifié {time}. Laissez l’enregistrement en place : nous le vérifions chaque mois.",
    domain_lost_at: "Remettez l’enregistrement avant {time}. Ensuite, le domaine ne compte plus ici comme le vôtre ; personne n’est déconnecté.",
    domain_remove: "Retirer ce domaine",
    wrong_domain: "Ce n’est pas un domaine d’entreprise. Saisissez ce qui suit le @, par exemple acme.com.",
    wrong_public_mail: "Ce domaine est celui d’un service de messagerie public. Aucune entreprise cliente ne le possède.",
    wrong_metadata_url: "Rien n’a pu être lu à cette adresse.",
    wrong_metadata: "Ce ne sont pas les métadonnées d’un fournisseur d’identité utilisable.",
    wrong_taken: "Ce fournisseur d’identité est déjà relié à votre organisation.",
    wrong_value: "Une valeur ne peut pas être utilisée telle quelle.",
    wrong_too_many: "Il y en a déjà autant que permis.",
    wrong_later: "Réessayez dans un instant.",
    act,
    why,
    means,
    note,
    cause,
    cure,
};

const fn act(act: Act) -> &'static str {
    match act {
        Act::Go => "Allez à {label}.",
        Act::Press => "Appuyez sur {label}.",
        Act::Choose => "Choisissez {label}.",
        Act::Set => "Réglez {label} sur {value}.",
        Act::Tick => "Cochez {label}.",
        Act::Untick => "Décochez {label}.",
        Act::Enter => "Remplissez {label}.",
        Act::Edit => "Modifiez le fichier {label}.",
        Act::Run => "Exécutez {label}.",
    }
}

const fn why(value: Ours) -> &'static str {
    match value {
        Ours::AcsUrl | Ours::RedirectUrl => "Là où reviennent les connexions.",
        Ours::AcsUrlPattern => "Une expression régulière à laquelle seule cette adresse correspond.",
        Ours::AudienceUri => "Le nom sous lequel nous y sommes connus.",
        Ours::SpMetadataUrl => "Nos valeurs en un document, pour les consoles qui le lisent elles-mêmes.",
        Ours::SpMetadataXml => {
            "Nos valeurs en un document. Ouvrez cette adresse et copiez ce qu’elle affiche."
        }
        Ours::ScimBaseUrl => "Là où sont envoyés personnes et groupes.",
        Ours::ScimToken => "Ce à quoi nous reconnaissons l’annuaire.",
    }
}

const fn means(means: Meaning) -> &'static str {
    match means {
        Meaning::Email => "Adresse e-mail",
        Meaning::FullName => "Nom complet",
        Meaning::FirstName => "Prénom",
        Meaning::LastName => "Nom de famille",
        Meaning::Id => "Ce qui ne change jamais chez quelqu’un",
        Meaning::Groups => "Groupes",
    }
}

const fn note(note: Note) -> &'static str {
    match note {
        Note::AccessAtATime => {
            "L’accès ne commence parfois qu’à un moment réglé là-bas, comme le premier jour de travail."
        }
        Note::AdminHostIsNoIssuer => "L’adresse de la console, avec -admin, n’est pas le domaine voulu.",
        Note::AppMetadata => {
            "L’adresse des métadonnées doit contenir appid=. Sans cela, le certificat est un autre."
        }
        Note::AttributesMoved => {
            "Les consoles récentes ne règlent les attributs qu’une fois l’application créée, dans un autre onglet."
        }
        Note::ClientMethod => "Les deux côtés doivent envoyer le secret du client de la même façon.",
        Note::Clock => "L’horloge du serveur doit être juste.",
        Note::Encrypts => "Il chiffre sauf indication contraire, et échoue s’il n’a pas de clé de nous.",
        Note::EverybodyIsLetIn => "Tout le monde a accès jusqu’à ce que vous le limitiez.",
        Note::FileOnly => "Il n’y a pas d’adresse de métadonnées : téléchargez le fichier.",
        Note::FreeEntityId => {
            "Vous inventez vous-même son identifiant d’entité. Le texte doit être le même des deux côtés."
        }
        Note::GroupsAreIds => "Les groupes sont envoyés par leurs identifiants, pas par leurs noms.",
        Note::GroupsArePicked => {
            "Seuls les groupes que vous choisissez sont envoyés. Un groupe renommé doit être choisi de nouveau."
        }
        Note::IssuerSlash => "Copiez l’émetteur au caractère près. Une barre oblique à la fin compte.",
        Note::MailUnverified => "Les adresses qui n’y sont pas marquées comme vérifiées sont refusées.",
        Note::ManyGroupsLeftOut => "Pour une personne dans plus de 150 groupes, aucun n’est envoyé.",
        Note::MustBeReachable => "Notre serveur doit pouvoir le joindre par internet.",
        Note::NameIsNotMail => {
            "Le nom d’utilisateur y ressemble à une adresse e-mail et souvent n’en est pas une. Prenez l’adresse elle-même."
        }
        Note::NestedGroupsDoNotCount => "Les groupes dans des groupes ne comptent pas.",
        Note::NoGroups => "Il n’envoie pas de groupes de cette façon.",
        Note::NotInAnOidcApp => "Impossible dans une application OpenID Connect : créez-en une deuxième.",
        Note::NothingIsSentUnlessAdded => "Rien n’est envoyé sur les personnes que vous n’ajoutiez.",
        Note::OffAtFirst => "Elle est d’abord désactivée. Activez-la avec l’interrupteur en haut.",
        Note::OftenUnreachable => {
            "De tels serveurs sont souvent injoignables de l’extérieur. Donnez-nous alors le fichier."
        }
        Note::OurMetadataMustBeReachable => "Il lit lui-même nos métadonnées et doit pouvoir les joindre.",
        Note::Pattern => "L’un des champs attend une expression régulière. Copiez-la telle quelle.",
        Note::ProvisioningHasToStart => "Rien n’est envoyé tant que vous ne le démarrez pas là-bas.",
        Note::RedirectEndpointFirst => {
            "Déclarez le point de redirection avant de copier les métadonnées : il change leur contenu."
        }
        Note::RegionDiffers => {
            "Les adresses varient selon la région. Copiez-les depuis votre propre console."
        }
        Note::RenewingReplaces => {
            "Un nouveau certificat remplace aussitôt l’ancien. Donnez-le-nous dans la même minute."
        }
        Note::SaveEachPage => "Chaque page doit y être enregistrée séparément.",
        Note::SecondRule => {
            "Une deuxième règle doit faire de l’adresse e-mail le nom de la personne, au format e-mail."
        }
        Note::SecretEnds => "Le secret expire. Notez quand.",
        Note::SecretValue => "Copiez la valeur du secret, pas son identifiant.",
        Note::Sha1IsPreset => "SHA-1 est réglé d’avance et refusé ici. Choisissez SHA-256.",
        Note::ShownOnce => "Le secret n’est affiché qu’une fois.",
        Note::SourceFirst => "Une source de personnes doit d’abord y fonctionner.",
        Note::TakesADay => "Il peut falloir jusqu’à 24 heures pour que cela vaille pour tous.",
        Note::TwoLookAlike => {
            "L’adresse de connexion et l’identifiant d’entité se ressemblent. Ne les intervertissez pas."
        }
        Note::WaitsForApproval => "Les changements attendent parfois une approbation.",
    }
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::NotAssigned => "La personne n’a pas accès à l’application là-bas. Donnez-lui l’accès.",
        Cause::EntityIdDiffers => "Notre identifiant d’entité n’y est pas connu. Copiez-le de nouveau.",
        Cause::EntityIdTwice => "Une autre application y a déjà notre identifiant d’entité.",
        Cause::AcsUrlDiffers => "Notre adresse n’y est pas connue. Copiez-la de nouveau.",
        Cause::RedirectUrlDiffers => "Notre adresse de retour n’y est pas enregistrée. Copiez-la de nouveau.",
        Cause::ClientIdDiffers => "L’identifiant client ici n’est pas celui de l’application.",
        Cause::ClientSecret => {
            "Le secret du client est faux ou a expiré. Créez-en un autre et saisissez-le ici."
        }
        Cause::PublicClient => {
            "L’application a été enregistrée comme sans secret. Enregistrez-la pour le web."
        }
        Cause::NameIdFormat => {
            "Le nom de la personne ne peut pas être envoyé comme adresse e-mail. Changez son format."
        }
        Cause::AttributeEmpty => {
            "La source d’un attribut est vide pour cette personne. Choisissez-en une autre."
        }
        Cause::RequestSignature => {
            "Nos requêtes doivent être signées, ou un autre certificat de nous y est enregistré."
        }
        Cause::Certificate => "Son propre certificat manque ou a expiré.",
        Cause::SsoUrl => "L’adresse de connexion mène ailleurs. Copiez-la de nouveau.",
        Cause::OtherAccount => {
            "Une personne avec un autre compte est connectée. Déconnectez-vous là-bas et choisissez le bon."
        }
        Cause::SwitchedOff => "L’application est désactivée ou supprimée.",
        Cause::Consent => "Un administrateur doit y donner son accord.",
        Cause::OtherIssuer => "L’émetteur ici est un autre du même fournisseur.",
        Cause::RefusedByPolicy => "Une règle de votre organisation refuse.",
    }
}

const fn cure(cure: Cure) -> &'static str {
    match cure {
        Cure::Sign => "Ni le message ni l’assertion n’étaient signés. Faites signer l’assertion.",
        Cure::GiveCertificate => {
            "La signature vient d’un certificat que nous n’avons pas. Donnez-nous celui qui sert, ou les métadonnées de nouveau."
        }
        Cure::SetAudience => "Il était destiné à quelqu’un d’autre. Mettez-y notre identifiant d’entité.",
        Cure::SetAcsUrl => "Il était adressé ailleurs. Mettez-y notre adresse.",
        Cure::CompareIssuer => {
            "Il venait d’un autre fournisseur que celui que nous connaissons. Comparez les métadonnées : elles sont peut-être d’une autre application ou d’un autre locataire."
        }
        Cure::SetClock => "Son heure et la nôtre ne concordent pas. Réglez l’horloge du fournisseur.",
        Cure::AskProvider => "Le fournisseur lui-même a refusé. Ce qu’il a dit figure ci-dessous.",
        Cure::AllowTile => {
            "La connexion a commencé chez le fournisseur, ce qui n’est pas permis ici. Commencez par l’application, ou faites-le autoriser."
        }
        Cure::BeginAgain => "Recommencez, en restant dans un seul navigateur qui accepte les cookies.",
        Cure::FindGateway => {
            "Quelque chose entre le fournisseur et nous modifie ou retire une partie du message."
        }
        Cure::SendResponse => {
            "Ce qui est revenu n’est pas une réponse utilisable. Faites-la envoyer par POST à notre adresse."
        }
        Cure::MapEmail => {
            "Aucune adresse e-mail utilisable n’est arrivée. Envoyez-en une ou nommez l’attribut qui la contient."
        }
        Cure::MapName => "Aucun nom n’est arrivé. Envoyez-en un ou nommez les attributs qui le contiennent.",
        Cure::MapSubject => {
            "Rien n’est arrivé qui ne change jamais chez la personne. Envoyez-le ou nommez l’attribut qui le contient."
        }
        Cure::Relink => {
            "L’adresse est celle de quelqu’un connu sous un autre identifiant. Si la personne a été recréée là-bas, faites-la relier de nouveau."
        }
        Cure::SendGroups => {
            "Aucun groupe autorisé n’est arrivé. Envoyez des groupes ou donnez un rôle à l’un d’eux."
        }
        Cure::SetAlgorithm => "Un ancien algorithme a été utilisé. Choisissez SHA-256.",
        Cure::RenewEncryption => {
            "Le chiffrement visait une autre clé que la nôtre. Donnez nos métadonnées actuelles au fournisseur, ou désactivez le chiffrement."
        }
        Cure::CompareClient => {
            "Le fournisseur n’accepte pas l’application telle que nous la connaissons. Comparez identifiant, secret et adresse de retour."
        }
        Cure::CompareSecret => {
            "Le fournisseur n’accepte pas l’ID client avec ce secret. Saisissez de nouveau les deux."
        }
        Cure::OpenFirewall => {
            "Notre serveur n’a pas pu joindre le fournisseur. Laissez-le passer, ou utilisez SAML, qui n’a pas besoin de ce chemin."
        }
        Cure::CompareToken => {
            "Le jeton n’est pas pour cette application ou pas de cet émetteur. Comparez l’émetteur au caractère près, et l’identifiant client."
        }
        Cure::VerifyEmail => {
            "Le fournisseur dit que l’adresse n’est pas vérifiée. Faites-la vérifier là-bas."
        }
        Cure::Assign => "La personne n’a pas accès à l’application. Donnez-lui l’accès là-bas.",
        Cure::AllowJoining => {
            "La personne n’est pas membre et ne peut pas le devenir ainsi. Invitez-la, ou autorisez les adhésions."
        }
        Cure::Complete => "La connexion n’est pas activée, ou il lui manque quelque chose.",
        Cure::TryLater => "Réessayez dans un moment.",
        Cure::AskVendor => "Ce n’est pas à vous de le changer.",
    }
}
