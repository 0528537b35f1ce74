//! Spanish.

use super::Words;
use crate::operations::remedies::Cure;
use crate::world::provider_guides::{Act, Cause, Meaning, Note, Ours};

pub(super) const WORDS: Words = Words {
    set_up: "Configuración",
    overview: "Resumen",
    new_tab: "Abrir en otra pestaña",
    finish_later: "Terminar más tarde",
    session_ends: "Todo se guarda sobre la marcha. Puede seguir aquí hasta el {time}.",
    copy: "Copiar",
    copied: "Copiado",
    go_on: "Continuar",
    done_there: "Ya lo he hecho",
    did_not_work: "No ha funcionado",
    steps: "Pasos",
    step_create: "Crear la aplicación",
    step_ours: "Introducir allí nuestros valores",
    step_theirs: "Traer aquí sus valores",
    step_attributes: "Qué se envía de las personas",
    step_assign: "Dar acceso a las personas",
    step_test: "Probar",
    step_enable: "Activar",
    is_done: "hecho",
    is_open: "pendiente",
    landing_title: "Configurar el acceso para {organization}",
    landing_sentence: "{product} se lo pide. Nada cambia para su gente hasta que usted lo active.",
    landing_what: "Lo que se le pide",
    intent_sso: "Conectar su proveedor de identidad",
    intent_domains: "Demostrar que sus dominios son suyos",
    landing_needs: "Lo que necesita",
    needs_rights: "Derechos de administración en su proveedor de identidad",
    needs_time: "Unos 20 minutos. Puede parar en cualquier momento y seguir en este navegador.",
    needs_dns: "Acceso al DNS de sus dominios, para un registro de texto",
    begin: "Empezar",
    go_on_here: "Seguir donde lo dejó",
    contact_sentence: "Para empezar, muestre que una de estas direcciones es suya. Enviamos allí un código.",
    send_code: "Enviar un código",
    code_sent: "Un código va de camino a {address}. Vale diez minutos.",
    code: "Código",
    code_wrong: "No es el código enviado, o su plazo ha pasado.",
    used_title: "Este enlace ya se está usando",
    used_sentence: "Se abrió el {time}. Siga en el navegador en que se abrió, o pida un enlace nuevo.",
    expired_title: "Este enlace ha caducado",
    expired_sentence: "Nadie lo abrió a tiempo. Pida uno nuevo.",
    revoked_title: "Este enlace se ha retirado",
    revoked_sentence: "Quien lo envió lo ha retirado. Pida uno nuevo.",
    unknown_title: "Este enlace no existe",
    unknown_sentence: "La dirección está incompleta o mal escrita. Abra el enlace tal como se le envió.",
    ended_title: "Su sesión ha terminado",
    ended_sentence: "Lo que hizo se conserva. Abra el enlace otra vez; si ya se está usando, pida uno nuevo.",
    foreign_title: "Este formulario venía de otro sitio",
    foreign_sentence: "No se ha cambiado nada. Abra el enlace otra vez en un navegador actual y use los formularios de estas páginas.",
    ask_for_link: "Pedir un enlace nuevo",
    asked_title: "Ha pedido un enlace nuevo",
    asked_sentence: "Quien le envió el enlace ya lo sabe y le enviará el nuevo.",
    nothing_yet: "Todavía no hay ningún proveedor de identidad conectado.",
    choose_provider: "Elegir su proveedor de identidad",
    choose_another: "Conectar otro proveedor de identidad",
    state_draft: "Borrador",
    state_ready: "Listo para probar",
    state_tested: "Probado",
    state_active: "Activo",
    next_step: "Siguiente: {step}",
    providers_title: "¿Qué proveedor de identidad usa?",
    providers_sentence: "Los pasos siguientes usan las palabras de su consola.",
    provider_other: "El mío no está en esta lista",
    protocol_title: "¿Cómo se conecta {provider}?",
    protocol_sentence: "Si puede elegir, tome el primero.",
    recommended: "recomendado",
    names_change: "Las consolas cambian de nombres de vez en cuando. Estos se vieron en {year}: si falta uno, busque uno parecido.",
    open_console: "Abrir la pantalla",
    console_at: "La pantalla está en {link}.",
    watch_out: "Tenga en cuenta",
    ours_sentence: "Copie cada valor en el campo de este nombre en {provider}.",
    ours_then: "Después, en las mismas pantallas",
    theirs_saml: "Denos los metadatos de {provider} de una de estas maneras. Verá su contenido antes de que se guarde nada.",
    metadata_url: "Dirección de los metadatos",
    metadata_file: "Archivo de metadatos",
    metadata_xml: "Metadatos como texto",
    by_hand: "Introducir los valores a mano",
    sso_url: "Dirección de inicio de sesión",
    entity_id: "ID de entidad",
    certificate: "Certificado de firma",
    called_there: "Allí se llama {label}.",
    stands_at: "Está en {place}.",
    read_it: "Leer",
    preview_title: "¿Es este su proveedor de identidad?",
    preview_sentence: "Todavía no se ha guardado nada.",
    use_these: "Usar estos valores",
    changed_meanwhile: "El documento ya no es el que vio. Mírelo otra vez.",
    nothing_given: "Dé una dirección, un archivo, un texto o los valores a mano.",
    kept_now: "Guardado ahora",
    ends: "caduca el {time}",
    has_ended: "ha caducado",
    theirs_oidc: "Denos lo que {provider} muestra de la aplicación. Miramos enseguida si responde.",
    issuer: "Emisor",
    client_id: "ID de cliente",
    client_secret: "Secreto de cliente",
    tenant_id: "ID de inquilino",
    domain: "Dominio",
    hosted_domain: "Dominio de las direcciones de su gente",
    secret_kept: "Hay guardado un secreto que termina en {last}. Deje el campo vacío para conservarlo.",
    save: "Guardar",
    answers: "Se ha encontrado el proveedor y sus ajustes están completos.",
    missing: "Falta todavía: {missing}.",
    attributes_sentence: "Haga que se envíe esto. Se ajusta en {place}.",
    column_need: "Lo que hace falta",
    column_name: "Nombre en el mensaje",
    column_from: "Tomado de",
    required: "necesario",
    also_needed: "La aplicación necesita además: {names}.",
    assign_sentence: "Las personas solo pueden entrar cuando se les ha dado acceso allí. Inclúyase usted antes de probar.",
    test_sentence: "Se abre una pestaña nueva en la que inicia sesión en {provider}. Aquí nadie inicia sesión con ello y nada cambia.",
    test_begin: "Empezar la prueba",
    test_again: "Probar otra vez",
    test_show: "Mostrar el resultado",
    test_never: "Todavía no se ha probado.",
    test_running: "La prueba está en marcha en otra pestaña.",
    test_silent: "No ha llegado respuesta en dos minutos. Quizá {provider} mostró un error. Estos son los habituales:",
    test_passed: "Funciona: {email} iniciaría sesión.",
    test_failed: "Todavía no funciona.",
    test_outdated: "Los ajustes han cambiado desde la última prueba.",
    test_expired: "Nadie volvió a tiempo de la última prueba.",
    would_sign_in: "Un miembro que ya inició sesión antes.",
    would_link: "Un miembro conocido por esta dirección.",
    would_create: "Alguien nuevo, que se haría miembro.",
    person: "Quién iniciaría sesión",
    roles: "Roles",
    checks: "Lo que se comprobó",
    sent_attributes: "Lo que se envió",
    what_to_do: "Qué hacer",
    who_customer: "Lo cambia usted, en {provider}.",
    who_vendor: "Lo cambia {product}.",
    who_either: "Lo cambia usted en {provider}, o {product}.",
    who_nobody: "Nadie tiene que cambiar nada.",
    setting_called: "El ajuste se llama {label}.",
    has_to_be: "Debe poner",
    change_here: "Se cambia en:",
    shown_there: "¿Muestra {provider} mismo un error?",
    address_called: "Si allí no se conoce la dirección de retorno: se llama {label}.",
    other_issuer: "El proveedor se llama de otro modo que el emisor introducido. Deben ser iguales letra por letra, hasta la última barra.",
    enable_sentence: "Desde entonces su gente entra por {provider}.",
    needs_values: "Los valores están completos",
    needs_test: "Una prueba con estos ajustes ha salido bien",
    needs_people: "Las personas tienen acceso, como usted dijo",
    enable_now: "Activar",
    enable_ask: "Pedir a {product} que lo active",
    enable_asked: "Se ha pedido a {product} que lo active.",
    enable_not_yet: "Todavía queda algo por hacer arriba.",
    active_title: "Está activado",
    active_sentence: "Su gente entra desde ahora por {provider}.",
    needs_domains: "Los dominios están verificados",
    domains_title: "Dominios",
    domains_sentence: "A quien escribe una dirección de un dominio verificado se le envía a su proveedor de identidad, y lo que este diga de esas direcciones vale.",
    domains_none: "Todavía no se ha añadido ningún dominio.",
    domain_name: "Dominio",
    domain_hint: "Lo que va después de la @ en las direcciones de su gente, por ejemplo acme.com",
    domain_add: "Añadir dominio",
    domain_pending: "A la espera de su registro DNS",
    domain_verified: "Verificado",
    domain_at_risk: "Verificado, pero el registro ha desaparecido",
    domain_lost: "Perdido: el registro faltó demasiado tiempo",
    domain_claimed: "Confirmado por {product}",
    domain_lead: "Cree este registro donde se administra el DNS de {domain}. Deje los demás registros como están.",
    record_type: "Tipo",
    record_name: "Nombre, corto",
    record_name_hint: "Para consolas que añaden {zone} por su cuenta, como casi todas",
    record_full_name: "Nombre, completo",
    record_value: "Valor",
    record_else: "Si su consola no puede crear ese nombre, ponga el mismo valor en {domain}. Si otra persona administra los textos, cree con ese nombre un CNAME que apunte a {target}.",
    check_now: "Comprobar ahora",
    checked_at: "Última comprobación: {time}",
    check_next: "Volvemos a comprobarlo por nuestra cuenta, la próxima vez {time}. Puede cerrar esta página.",
    check_stopped: "Ya no lo comprobamos por nuestra cuenta. Use el botón cuando el registro exista.",
    found_title: "Lo que encontramos",
    found_record: "El registro está.",
    found_doubled: "El valor está, pero su nombre termina dos veces en {zone}. Escriba el nombre corto.",
    found_texts: "Registros de texto con este nombre: {count}. Ninguno tiene el valor de arriba.",
    found_points: "El nombre apunta a {to}, y el valor no está allí. Quite ese registro o use el propio dominio.",
    found_no_texts: "El nombre existe, sin registro de texto.",
    found_nothing: "Todavía no hay nada con este nombre. Un registro nuevo puede tardar una hora en verse, a veces un día.",
    found_silence: "Ningún servidor de nombres respondió a tiempo. Eso no dice nada del registro.",
    found_trouble: "Los servidores de nombres de {domain} no dieron una respuesta utilizable. Quien los administra puede decir por qué.",
    domain_held: "El registro está, y este dominio sigue a la espera. Póngase en contacto con {product}.",
    domain_stays: "Verificado {time}. Deje el registro donde está: lo comprobamos cada mes.",
    domain_lost_at: "Vuelva a poner el registro antes de {time}. Después el dominio ya no contará aquí como suyo; no se cierra la sesión de nadie.",
    domain_remove: "Quitar este dominio",
    wrong_domain: "Eso no es un dominio de una empresa. Escriba lo que va después de la @, por ejemplo acme.com.",
    wrong_public_mail: "Ese dominio es de un servicio de correo público. No es de ninguna empresa cliente.",
    wrong_metadata_url: "No se pudo leer nada en esta dirección.",
    wrong_metadata: "No son los metadatos de un proveedor de identidad que se pueda usar.",
    wrong_taken: "Este proveedor de identidad ya está conectado a su organización.",
    wrong_value: "Un valor no se puede usar tal como está.",
    wrong_too_many: "Ya hay tantos como puede haber.",
    wrong_later: "Inténtelo de nuevo en un momento.",
    act,
    why,
    means,
    note,
    cause,
    cure,
};

const fn act(act: Act) -> &'static str {
    match act {
        Act::Go => "Vaya a {label}.",
        Act::Press => "Pulse {label}.",
        Act::Choose => "Elija {label}.",
        Act::Set => "Ponga {label} en {value}.",
        Act::Tick => "Marque {label}.",
        Act::Untick => "Desmarque {label}.",
        Act::Enter => "Rellene {label}.",
        Act::Edit => "Cambie el archivo {label}.",
        Act::Run => "Ejecute {label}.",
    }
}

const fn why(value: Ours) -> &'static str {
    match value {
        Ours::AcsUrl | Ours::RedirectUrl => "Adonde vuelven los inicios de sesión.",
        Ours::AcsUrlPattern => "Una expresión regular a la que solo se ajusta esta dirección.",
        Ours::AudienceUri => "El nombre por el que se nos conoce allí.",
        Ours::SpMetadataUrl => "Nuestros valores en un documento, para consolas que lo leen ellas mismas.",
        Ours::SpMetadataXml => {
            "Nuestros valores en un documento. Abra esta dirección y copie lo que muestra."
        }
        Ours::ScimBaseUrl => "Adonde se envían personas y grupos.",
        Ours::ScimToken => "Por esto reconocemos el directorio.",
    }
}

const fn means(means: Meaning) -> &'static str {
    match means {
        Meaning::Email => "Dirección de correo",
        Meaning::FullName => "Nombre completo",
        Meaning::FirstName => "Nombre de pila",
        Meaning::LastName => "Apellidos",
        Meaning::Id => "Lo que nunca cambia de alguien",
        Meaning::Groups => "Grupos",
    }
}

const fn note(note: Note) -> &'static str {
    match note {
        Note::AccessAtATime => {
            "El acceso puede empezar solo en un momento fijado allí, como el primer día de trabajo."
        }
        Note::AdminHostIsNoIssuer => "La dirección de la consola, con -admin, no es el dominio buscado.",
        Note::AppMetadata => {
            "La dirección de los metadatos debe contener appid=. Sin ello el certificado es otro."
        }
        Note::AttributesMoved => {
            "Las consolas nuevas ajustan los atributos solo tras crear la aplicación, en otra pestaña."
        }
        Note::ClientMethod => "Ambos lados deben enviar el secreto de cliente de la misma manera.",
        Note::Clock => "El reloj del servidor debe ir bien.",
        Note::Encrypts => "Cifra si no se le dice lo contrario, y falla donde no tiene una clave nuestra.",
        Note::EverybodyIsLetIn => "Todos tienen acceso hasta que usted lo limite.",
        Note::FileOnly => "No hay dirección de metadatos: descargue el archivo.",
        Note::FreeEntityId => "Su ID de entidad lo inventa usted. Debe ser el mismo texto en ambos lados.",
        Note::GroupsAreIds => "Los grupos se envían por sus ID, no por sus nombres.",
        Note::GroupsArePicked => {
            "Solo se envían los grupos que usted elige. Un grupo renombrado debe elegirse de nuevo."
        }
        Note::IssuerSlash => "Copie el emisor al pie de la letra. Una barra al final cuenta.",
        Note::MailUnverified => "Las direcciones que allí no constan como verificadas se rechazan.",
        Note::ManyGroupsLeftOut => "De alguien en más de 150 grupos no se envía ninguno.",
        Note::MustBeReachable => "Nuestro servidor debe poder alcanzarlo por internet.",
        Note::NameIsNotMail => {
            "El nombre de usuario parece allí una dirección de correo y a menudo no lo es. Tome la dirección misma."
        }
        Note::NestedGroupsDoNotCount => "Los grupos dentro de grupos no cuentan.",
        Note::NoGroups => "De esta manera no envía grupos.",
        Note::NotInAnOidcApp => "No cabe en una aplicación de OpenID Connect: cree otra.",
        Note::NothingIsSentUnlessAdded => "No se envía nada de las personas que usted no añada.",
        Note::OffAtFirst => "Al principio está apagada. Enciéndala con el interruptor de arriba.",
        Note::OftenUnreachable => {
            "A menudo no se llega a tales servidores desde fuera. Denos entonces el archivo."
        }
        Note::OurMetadataMustBeReachable => "Lee él mismo nuestros metadatos y debe poder alcanzarlos.",
        Note::Pattern => "Uno de los campos espera una expresión regular. Cópiela tal cual.",
        Note::ProvisioningHasToStart => "No se envía nada hasta que usted lo inicie allí.",
        Note::RedirectEndpointFirst => {
            "Declare el punto de redirección antes de copiar los metadatos: cambia su contenido."
        }
        Note::RegionDiffers => "Las direcciones varían según la región. Cópielas de su propia consola.",
        Note::RenewingReplaces => {
            "Un certificado nuevo sustituye al viejo de inmediato. Dénoslo en el mismo minuto."
        }
        Note::SaveEachPage => "Allí cada página se guarda por separado.",
        Note::SecondRule => {
            "Una segunda regla debe hacer de la dirección de correo el nombre de la persona, en formato de correo."
        }
        Note::SecretEnds => "El secreto caduca. Anote cuándo.",
        Note::SecretValue => "Copie el valor del secreto, no su ID.",
        Note::Sha1IsPreset => "Viene puesto SHA-1, que aquí se rechaza. Elija SHA-256.",
        Note::ShownOnce => "El secreto se muestra solo una vez.",
        Note::SourceFirst => "Antes debe funcionar allí una fuente de personas.",
        Note::TakesADay => "Puede tardar hasta 24 horas en valer para todos.",
        Note::TwoLookAlike => {
            "La dirección de inicio de sesión y el ID de entidad se parecen. No los cambie uno por otro."
        }
        Note::WaitsForApproval => "Los cambios pueden esperar a que alguien los apruebe.",
    }
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::NotAssigned => "La persona no tiene acceso a la aplicación allí. Déselo.",
        Cause::EntityIdDiffers => "Allí no se conoce nuestro ID de entidad. Cópielo otra vez.",
        Cause::EntityIdTwice => "Otra aplicación tiene allí ya nuestro ID de entidad.",
        Cause::AcsUrlDiffers => "Allí no se conoce nuestra dirección. Cópiela otra vez.",
        Cause::RedirectUrlDiffers => {
            "Nuestra dirección de retorno no está registrada allí. Cópiela otra vez."
        }
        Cause::ClientIdDiffers => "El ID de cliente de aquí no es el de la aplicación.",
        Cause::ClientSecret => {
            "El secreto de cliente es erróneo o ha caducado. Cree otro e introdúzcalo aquí."
        }
        Cause::PublicClient => "La aplicación se registró como una sin secreto. Regístrela para la web.",
        Cause::NameIdFormat => {
            "El nombre de la persona no se puede enviar como dirección de correo. Cambie su formato."
        }
        Cause::AttributeEmpty => "La fuente de un atributo está vacía para esta persona. Elija otra.",
        Cause::RequestSignature => "Quiere firmadas nuestras peticiones, o tiene otro certificado nuestro.",
        Cause::Certificate => "Su propio certificado falta o ha caducado.",
        Cause::SsoUrl => "La dirección de inicio de sesión lleva a otra cosa. Cópiela otra vez.",
        Cause::OtherAccount => "Hay alguien con otra cuenta. Cierre la sesión allí y elija la correcta.",
        Cause::SwitchedOff => "La aplicación está apagada o ya no existe.",
        Cause::Consent => "Un administrador debe dar allí su consentimiento.",
        Cause::OtherIssuer => "El emisor de aquí es otro del mismo proveedor.",
        Cause::RefusedByPolicy => "Una norma de su organización lo rechaza.",
    }
}

const fn cure(cure: Cure) -> &'static str {
    match cure {
        Cure::Sign => "No estaban firmados ni el mensaje ni la declaración. Haga firmar la aserción.",
        Cure::GiveCertificate => {
            "Se firmó con un certificado que no tenemos. Denos el que se usa, o los metadatos otra vez."
        }
        Cure::SetAudience => "Era para otro destinatario. Ponga allí nuestro ID de entidad.",
        Cure::SetAcsUrl => "Iba dirigido a otro lugar. Ponga allí nuestra dirección.",
        Cure::CompareIssuer => {
            "Vino de otro proveedor que el que conocemos. Compare los metadatos: quizá sean de otra aplicación o de otro inquilino."
        }
        Cure::SetClock => "Su hora y la nuestra no concuerdan. Ponga en hora el reloj del proveedor.",
        Cure::AskProvider => "El propio proveedor lo rechazó. Lo que dijo está abajo.",
        Cure::AllowTile => {
            "Empezó en el proveedor, lo que aquí no se permite. Empiece en la aplicación, o haga que se permita."
        }
        Cure::BeginAgain => "Empiece de nuevo y quédese en un navegador que permita las cookies.",
        Cure::FindGateway => "Algo entre el proveedor y nosotros cambia o quita una parte del mensaje.",
        Cure::SendResponse => {
            "Lo que volvió no es una respuesta que se pueda usar. Haga que se envíe por POST a nuestra dirección."
        }
        Cure::MapEmail => {
            "No llegó ninguna dirección de correo útil. Envíe una, o nombre el atributo que la tiene."
        }
        Cure::MapName => "No llegó ningún nombre. Envíe uno, o nombre los atributos que lo tienen.",
        Cure::MapSubject => {
            "No llegó nada que nunca cambie de la persona. Envíelo, o nombre el atributo que lo tiene."
        }
        Cure::Relink => {
            "La dirección es de alguien conocido por otro ID. Si la persona se creó de nuevo allí, haga que se vuelva a vincular."
        }
        Cure::SendGroups => {
            "No llegó ningún grupo que pueda entrar. Envíe grupos, o dé un rol a uno de ellos."
        }
        Cure::SetAlgorithm => "Se usó un algoritmo antiguo. Elija SHA-256.",
        Cure::RenewEncryption => {
            "Se cifró para otra clave que la nuestra. Dé al proveedor nuestros metadatos actuales, o apague el cifrado."
        }
        Cure::CompareClient => {
            "El proveedor no acepta la aplicación como la conocemos. Compare ID, secreto y dirección de retorno."
        }
        Cure::CompareSecret => {
            "El proveedor no acepta el ID de cliente con este secreto. Introduzca ambos de nuevo."
        }
        Cure::OpenFirewall => {
            "Nuestro servidor no pudo alcanzar el proveedor. Déjelo pasar, o use SAML, que no necesita ese camino."
        }
        Cure::CompareToken => {
            "El token no es para esta aplicación o no es de este emisor. Compare el emisor al pie de la letra, y el ID de cliente."
        }
        Cure::VerifyEmail => {
            "El proveedor dice que la dirección no está verificada. Haga que se verifique allí."
        }
        Cure::Assign => "La persona no tiene acceso a la aplicación. Déselo allí.",
        Cure::AllowJoining => {
            "La persona no es miembro y no puede serlo de esta manera. Invítela, o permita que se unan."
        }
        Cure::Complete => "La conexión no está activada, o le falta algo.",
        Cure::TryLater => "Inténtelo de nuevo dentro de un rato.",
        Cure::AskVendor => "Esto no lo puede cambiar usted.",
    }
}
