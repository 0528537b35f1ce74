//! Japanese.

use super::Words;
use crate::operations::remedies::Cure;
use crate::world::provider_guides::{Act, Cause, Meaning, Note, Ours};

pub(super) const WORDS: Words = Words {
    set_up: "設定",
    overview: "概要",
    new_tab: "新しいタブで開く",
    finish_later: "後で続ける",
    session_ends: "内容はその都度保存されます。ここで続けられるのは {time} までです。",
    copy: "コピー",
    copied: "コピーしました",
    go_on: "次へ",
    done_there: "済ませました",
    did_not_work: "うまくいきませんでした",
    steps: "手順",
    step_create: "アプリケーションを作る",
    step_ours: "こちらの値を入力する",
    step_theirs: "プロバイダーの値を取り込む",
    step_attributes: "送られる利用者の情報",
    step_assign: "利用者に許可する",
    step_test: "テスト",
    step_enable: "有効にする",
    is_done: "完了",
    is_open: "未完了",
    landing_title: "{organization} のサインインを設定する",
    landing_sentence: "{product} からの依頼です。有効にするまで、利用者には何も変わりません。",
    landing_what: "お願いしたいこと",
    intent_sso: "ID プロバイダーを接続する",
    intent_domains: "ドメインを所有していることを示す",
    landing_needs: "必要なもの",
    needs_rights: "ID プロバイダーの管理者権限",
    needs_time: "約 20 分。いつでも中断でき、このブラウザーで続けられます。",
    needs_dns: "ドメインの DNS を変更する権限（テキストレコードの追加）",
    begin: "始める",
    go_on_here: "中断したところから続ける",
    contact_sentence: "始める前に、次のアドレスのどれかがご自分のものであることを示してください。そこへコードを送ります。",
    send_code: "コードを送る",
    code_sent: "{address} にコードを送りました。10 分間有効です。",
    code: "コード",
    code_wrong: "送ったコードと違うか、期限が切れています。",
    used_title: "このリンクはすでに使われています",
    used_sentence: "{time} に開かれました。開いたブラウザーで続けるか、新しいリンクを頼んでください。",
    expired_title: "このリンクは期限切れです",
    expired_sentence: "期限までに開かれませんでした。新しいリンクを頼んでください。",
    revoked_title: "このリンクは取り消されました",
    revoked_sentence: "送った人が取り消しました。新しいリンクを頼んでください。",
    unknown_title: "このリンクはありません",
    unknown_sentence: "アドレスが欠けているか、間違っています。送られたとおりに開いてください。",
    ended_title: "セッションが終わりました",
    ended_sentence: "これまでの内容は保存されています。リンクをもう一度開いてください。使用中なら新しいリンクを頼んでください。",
    foreign_title: "このフォームは別の場所から送られました",
    foreign_sentence: "何も変更されていません。新しいブラウザーでリンクをもう一度開き、このページのフォームを使ってください。",
    ask_for_link: "新しいリンクを頼む",
    asked_title: "新しいリンクを頼みました",
    asked_sentence: "リンクを送った人に伝わりました。新しいリンクが届きます。",
    nothing_yet: "まだ ID プロバイダーは接続されていません。",
    choose_provider: "ID プロバイダーを選ぶ",
    choose_another: "別の ID プロバイダーを接続する",
    state_draft: "下書き",
    state_ready: "テストできます",
    state_tested: "テスト済み",
    state_active: "有効",
    next_step: "次: {step}",
    providers_title: "どの ID プロバイダーをお使いですか",
    providers_sentence: "この後の手順は、その管理画面の言葉で書かれています。",
    provider_other: "一覧にありません",
    protocol_title: "{provider} をどのように接続しますか",
    protocol_sentence: "選べるなら、最初のものにしてください。",
    recommended: "推奨",
    names_change: "管理画面の名前は時々変わります。これらは {year} 年に確認したものです。見当たらないときは、似た名前を探してください。",
    open_console: "画面を開く",
    console_at: "画面は {link} にあります。",
    watch_out: "気を付けること",
    ours_sentence: "それぞれの値を {provider} の同じ名前の欄にコピーしてください。",
    ours_then: "続けて同じ画面で",
    theirs_saml: "{provider} のメタデータを次のどれかの方法で渡してください。保存の前に内容を確認できます。",
    metadata_url: "メタデータのアドレス",
    metadata_file: "メタデータのファイル",
    metadata_xml: "メタデータのテキスト",
    by_hand: "値を手で入力する",
    sso_url: "サインインのアドレス",
    entity_id: "エンティティ ID",
    certificate: "署名証明書",
    called_there: "そこでは {label} と呼ばれます。",
    stands_at: "{place} の下にあります。",
    read_it: "読み込む",
    preview_title: "これがお使いの ID プロバイダーですか",
    preview_sentence: "まだ何も保存されていません。",
    use_these: "この値を使う",
    changed_meanwhile: "文書が先ほど見たものと違います。もう一度確認してください。",
    nothing_given: "アドレス、ファイル、テキスト、または手入力の値を渡してください。",
    kept_now: "現在保存されている値",
    ends: "{time} に期限",
    has_ended: "期限切れ",
    theirs_oidc: "{provider} がアプリケーションについて示す値を渡してください。応答するかどうかをすぐに確かめます。",
    issuer: "発行者",
    client_id: "クライアント ID",
    client_secret: "クライアント シークレット",
    tenant_id: "テナント ID",
    domain: "ドメイン",
    hosted_domain: "利用者のアドレスのドメイン",
    secret_kept: "末尾が {last} のシークレットが保存されています。そのままにするには空にしてください。",
    save: "保存",
    answers: "プロバイダーが見つかり、設定はそろっています。",
    missing: "まだ足りません: {missing}",
    attributes_sentence: "次の情報が送られるようにしてください。設定は {place} にあります。",
    column_need: "必要な情報",
    column_name: "メッセージ内の名前",
    column_from: "取得元",
    required: "必須",
    also_needed: "アプリケーションはほかに次の情報も必要です: {names}",
    assign_sentence: "そこで許可された利用者だけがサインインできます。テストの前にご自分にも許可してください。",
    test_sentence: "新しいタブが開き、{provider} でサインインします。ここでは誰もサインインせず、何も変わりません。",
    test_begin: "テストを始める",
    test_again: "もう一度テストする",
    test_show: "結果を見る",
    test_never: "まだテストしていません。",
    test_running: "別のタブでテスト中です。",
    test_silent: "2 分間応答がありません。{provider} がエラーを示したかもしれません。よくあるものは次のとおりです。",
    test_passed: "うまくいきます。{email} がサインインできます。",
    test_failed: "まだうまくいきません。",
    test_outdated: "前回のテストの後に設定が変わりました。",
    test_expired: "前回のテストは期限までに終わりませんでした。",
    would_sign_in: "以前サインインしたメンバー。",
    would_link: "このアドレスで知られているメンバー。",
    would_create: "新しくメンバーになる人。",
    person: "サインインする人",
    roles: "ロール",
    checks: "確認したこと",
    sent_attributes: "送られた情報",
    what_to_do: "対処",
    who_customer: "{provider} であなたが変更します。",
    who_vendor: "{product} が変更します。",
    who_either: "{provider} であなたが変更するか、{product} が変更します。",
    who_nobody: "何も変更する必要はありません。",
    setting_called: "設定の名前は {label} です。",
    has_to_be: "入るべき値",
    change_here: "変更する場所:",
    shown_there: "{provider} の画面にエラーが出ていますか。",
    address_called: "戻り先のアドレスが登録されていない場合、その設定の名前は {label} です。",
    other_issuer: "プロバイダーが名乗る発行者は、入力された値と異なります。末尾のスラッシュまで完全に一致させてください。",
    enable_sentence: "有効にすると、利用者は {provider} でサインインします。",
    needs_values: "値がそろっている",
    needs_test: "この設定でテストに通った",
    needs_people: "利用者に許可した（ご自身の申告）",
    enable_now: "有効にする",
    enable_ask: "{product} に有効化を頼む",
    enable_asked: "{product} に有効化を頼みました。",
    enable_not_yet: "上にまだ済んでいないことがあります。",
    active_title: "有効になりました",
    active_sentence: "利用者は今後 {provider} でサインインします。",
    needs_domains: "ドメインが確認済み",
    domains_title: "ドメイン",
    domains_sentence: "確認済みのドメインのアドレスを入力した人は、御社の ID プロバイダーに案内され、そのアドレスについてのプロバイダーの情報が信頼されます。",
    domains_none: "ドメインはまだ追加されていません。",
    domain_name: "ドメイン名",
    domain_hint: "利用者のアドレスの @ より後ろの部分。例: acme.com",
    domain_add: "ドメインを追加",
    domain_pending: "DNS レコードを待っています",
    domain_verified: "確認済み",
    domain_at_risk: "確認済みですが、レコードがなくなっています",
    domain_lost: "失効: レコードが長い間見つかりませんでした",
    domain_claimed: "{product} が確認済み",
    domain_lead: "{domain} の DNS を管理している場所で、次のレコードを作成してください。ほかのレコードはそのままにしてください。",
    record_type: "種類",
    record_name: "名前（短い形）",
    record_name_hint: "多くの管理画面のように {zone} が自動で付く場合",
    record_full_name: "名前（完全な形）",
    record_value: "値",
    record_else: "管理画面でその名前を作れない場合は、同じ値を {domain} 自体に置いてください。テキストを別の人が管理している場合は、その名前で {target} を指す CNAME を作成してください。",
    check_now: "今すぐ確認",
    checked_at: "最後の確認: {time}",
    check_next: "次は {time} に自動で確認します。このページは閉じてもかまいません。",
    check_stopped: "自動の確認は終わりました。レコードができたらボタンを使ってください。",
    found_title: "見つかったもの",
    found_record: "レコードがあります。",
    found_doubled: "値はありますが、名前の末尾に {zone} が二重に付いています。短い形の名前を入力してください。",
    found_texts: "この名前のテキストレコード: {count} 件。上の値のものはありません。",
    found_points: "名前は {to} を指していますが、そこに値がありません。そのレコードを削除するか、ドメイン自体を使ってください。",
    found_no_texts: "名前はありますが、テキストレコードがありません。",
    found_nothing: "この名前にはまだ何もありません。新しいレコードが見えるまで、最大で 1 時間、場合によっては 1 日かかります。",
    found_silence: "時間内に応答したネームサーバーがありません。レコードの有無は分かりません。",
    found_trouble: "{domain} のネームサーバーから使える応答がありませんでした。管理している人に原因を確認してください。",
    domain_held: "レコードはありますが、このドメインはまだ保留中です。{product} にお問い合わせください。",
    domain_stays: "{time} に確認しました。毎月確認するので、レコードはそのままにしてください。",
    domain_lost_at: "{time} までにレコードを戻してください。それを過ぎると、このドメインはこちらでは御社のものではなくなります。サインイン中の人に影響はありません。",
    domain_remove: "このドメインを削除",
    wrong_domain: "会社のドメインではありません。@ より後ろの部分を入力してください。例: acme.com",
    wrong_public_mail: "そのドメインは公開メールサービスのもので、どの会社のものでもありません。",
    wrong_metadata_url: "このアドレスからは何も読めませんでした。",
    wrong_metadata: "使える ID プロバイダーのメタデータではありません。",
    wrong_taken: "この ID プロバイダーはすでに接続されています。",
    wrong_value: "このままでは使えない値があります。",
    wrong_too_many: "これ以上は増やせません。",
    wrong_later: "少し待ってからもう一度お試しください。",
    act,
    why,
    means,
    note,
    cause,
    cure,
};

const fn act(act: Act) -> &'static str {
    match act {
        Act::Go => "{label} に進みます。",
        Act::Press => "{label} を押します。",
        Act::Choose => "{label} を選びます。",
        Act::Set => "{label} を {value} にします。",
        Act::Tick => "{label} にチェックを入れます。",
        Act::Untick => "{label} のチェックを外します。",
        Act::Enter => "{label} に入力します。",
        Act::Edit => "ファイル {label} を変更します。",
        Act::Run => "{label} を実行します。",
    }
}

const fn why(value: Ours) -> &'static str {
    match value {
        Ours::AcsUrl | Ours::RedirectUrl => "サインインが戻る先です。",
        Ours::AcsUrlPattern => "このアドレスだけに合う正規表現です。",
        Ours::AudienceUri => "そこでのこちらの名前です。",
        Ours::SpMetadataUrl => "自分で読み込む管理画面のための、こちらの値をまとめた文書です。",
        Ours::SpMetadataXml => {
            "こちらの値をまとめた文書です。このアドレスを開き、表示された内容をコピーしてください。"
        }
        Ours::ScimBaseUrl => "利用者とグループの送り先です。",
        Ours::ScimToken => "ディレクトリーを見分けるためのものです。",
    }
}

const fn means(means: Meaning) -> &'static str {
    match means {
        Meaning::Email => "メールアドレス",
        Meaning::FullName => "氏名",
        Meaning::FirstName => "名",
        Meaning::LastName => "姓",
        Meaning::Id => "本人について変わらない値",
        Meaning::Groups => "グループ",
    }
}

const fn note(note: Note) -> &'static str {
    match note {
        Note::AccessAtATime => "利用の開始が、入社日などそこで決めた時期になることがあります。",
        Note::AdminHostIsNoIssuer => {
            "-admin が付いた管理画面のアドレスは、求めているドメインではありません。"
        }
        Note::AppMetadata => "メタデータのアドレスには appid= が必要です。ないと証明書が別のものになります。",
        Note::AttributesMoved => {
            "新しい管理画面では、アプリケーションを作った後に別のタブで属性を設定します。"
        }
        Note::ClientMethod => "クライアント シークレットの送り方を両側で同じにします。",
        Note::Clock => "サーバーの時計が正しくなければなりません。",
        Note::Encrypts => "止めない限り暗号化し、こちらの鍵がないと失敗します。",
        Note::EverybodyIsLetIn => "制限するまで、全員が利用できます。",
        Note::FileOnly => "メタデータのアドレスはありません。ファイルをダウンロードしてください。",
        Note::FreeEntityId => "エンティティ ID は自分で決めます。両側で同じ文字列にしてください。",
        Note::GroupsAreIds => "グループは名前ではなく ID で送られます。",
        Note::GroupsArePicked => "選んだグループだけが送られます。名前を変えたグループは選び直してください。",
        Note::IssuerSlash => "発行者は一字一句そのままコピーしてください。末尾のスラッシュも区別されます。",
        Note::MailUnverified => "確認済みになっていないアドレスは拒否されます。",
        Note::ManyGroupsLeftOut => "150 を超えるグループに属する人のグループは送られません。",
        Note::MustBeReachable => "こちらのサーバーからインターネット経由で届く必要があります。",
        Note::NameIsNotMail => {
            "ユーザー名はメールアドレスに見えても、そうでないことがよくあります。アドレスそのものを使ってください。"
        }
        Note::NestedGroupsDoNotCount => "グループの中のグループは数えられません。",
        Note::NoGroups => "この方法ではグループは送られません。",
        Note::NotInAnOidcApp => {
            "OpenID Connect のアプリケーションには追加できません。もう一つ作ってください。"
        }
        Note::NothingIsSentUnlessAdded => "追加しない限り、利用者の情報は送られません。",
        Note::OffAtFirst => "最初は無効です。上のスイッチで有効にしてください。",
        Note::OftenUnreachable => {
            "このようなサーバーは外から届かないことがよくあります。その場合はファイルを渡してください。"
        }
        Note::OurMetadataMustBeReachable => "こちらのメタデータを自分で読み込むので、届く必要があります。",
        Note::Pattern => "正規表現を入れる欄があります。そのままコピーしてください。",
        Note::ProvisioningHasToStart => "そこで開始するまで何も送られません。",
        Note::RedirectEndpointFirst => {
            "メタデータをコピーする前に、リダイレクト エンドポイントを宣言してください。内容が変わります。"
        }
        Note::RegionDiffers => "アドレスは地域によって異なります。ご自分の管理画面からコピーしてください。",
        Note::RenewingReplaces => {
            "新しい証明書はすぐに古いものと置き換わります。同時にこちらへ渡してください。"
        }
        Note::SaveEachPage => "各ページを個別に保存する必要があります。",
        Note::SecondRule => "二つ目の規則で、メールアドレスをメール形式の名前にする必要があります。",
        Note::SecretEnds => "シークレットには期限があります。控えておいてください。",
        Note::SecretValue => "シークレットの ID ではなく、値をコピーしてください。",
        Note::Sha1IsPreset => "初期値の SHA-1 はここでは拒否されます。SHA-256 を選んでください。",
        Note::ShownOnce => "シークレットは一度しか表示されません。",
        Note::SourceFirst => "先にそこで利用者の情報源を使えるようにする必要があります。",
        Note::TakesADay => "全員に反映されるまで最大 24 時間かかることがあります。",
        Note::TwoLookAlike => "サインインのアドレスとエンティティ ID は似ています。取り違えないでください。",
        Note::WaitsForApproval => "変更は承認されるまで待つことがあります。",
    }
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::NotAssigned => "その利用者は、そこでアプリケーションを許可されていません。許可してください。",
        Cause::EntityIdDiffers => {
            "こちらのエンティティ ID が登録されていません。もう一度コピーしてください。"
        }
        Cause::EntityIdTwice => "別のアプリケーションが同じエンティティ ID を使っています。",
        Cause::AcsUrlDiffers => "こちらのアドレスが登録されていません。もう一度コピーしてください。",
        Cause::RedirectUrlDiffers => {
            "こちらのリダイレクト先が登録されていません。もう一度コピーしてください。"
        }
        Cause::ClientIdDiffers => "ここのクライアント ID がアプリケーションのものと違います。",
        Cause::ClientSecret => {
            "クライアント シークレットが違うか、期限切れです。新しく作ってここに入力してください。"
        }
        Cause::PublicClient => {
            "シークレットのないアプリケーションとして登録されています。Web 用に登録してください。"
        }
        Cause::NameIdFormat => "名前をメールアドレスとして送れません。形式を変えてください。",
        Cause::AttributeEmpty => "属性の取得元がこの利用者では空です。別の取得元を選んでください。",
        Cause::RequestSignature => "要求への署名が必要か、こちらの別の証明書が登録されています。",
        Cause::Certificate => "プロバイダー自身の証明書がないか、期限切れです。",
        Cause::SsoUrl => "サインインのアドレスが別のものを指しています。もう一度コピーしてください。",
        Cause::OtherAccount => {
            "別のアカウントでサインインしています。そこでサインアウトし、正しいものを選んでください。"
        }
        Cause::SwitchedOff => "アプリケーションが無効か、削除されています。",
        Cause::Consent => "そこで管理者の同意が必要です。",
        Cause::OtherIssuer => "ここの発行者は、同じプロバイダーの別のものです。",
        Cause::RefusedByPolicy => "組織のポリシーで拒否されています。",
    }
}

const fn cure(cure: Cure) -> &'static str {
    match cure {
        Cure::Sign => {
            "メッセージにもアサーションにも署名がありません。アサーションに署名するようにしてください。"
        }
        Cure::GiveCertificate => {
            "こちらにない証明書で署名されています。使用中の証明書か、メタデータをもう一度渡してください。"
        }
        Cure::SetAudience => "別の相手に宛てられていました。そこにこちらのエンティティ ID を入れてください。",
        Cure::SetAcsUrl => "別の場所に宛てられていました。そこにこちらのアドレスを入れてください。",
        Cure::CompareIssuer => {
            "登録と違うプロバイダーから届きました。メタデータを比べてください。別のアプリケーションやテナントのものかもしれません。"
        }
        Cure::SetClock => "時刻が合っていません。プロバイダーの時計を合わせてください。",
        Cure::AskProvider => "プロバイダー自身が拒否しました。内容は下にあります。",
        Cure::AllowTile => {
            "プロバイダーから始まりましたが、ここでは許可されていません。アプリケーションから始めるか、許可してもらってください。"
        }
        Cure::BeginAgain => "Cookie を許可した一つのブラウザーで、最初からやり直してください。",
        Cure::FindGateway => "プロバイダーとの間の何かが、メッセージを変えるか一部を落としています。",
        Cure::SendResponse => {
            "使える応答が戻りませんでした。こちらのアドレスに POST されるようにしてください。"
        }
        Cure::MapEmail => {
            "使えるメールアドレスが届きませんでした。送るか、入っている属性を指定してください。"
        }
        Cure::MapName => "名前が届きませんでした。送るか、入っている属性を指定してください。",
        Cure::MapSubject => {
            "本人について変わらない値が届きませんでした。送るか、入っている属性を指定してください。"
        }
        Cure::Relink => {
            "このアドレスは別の ID の人のものです。そこで作り直された人なら、結び直してもらってください。"
        }
        Cure::SendGroups => {
            "サインインできるグループが届きませんでした。グループを送るか、ロールを与えてください。"
        }
        Cure::SetAlgorithm => "古い方式が使われました。SHA-256 を選んでください。",
        Cure::RenewEncryption => {
            "こちらと違う鍵で暗号化されています。最新のメタデータを渡すか、暗号化を止めてください。"
        }
        Cure::CompareClient => {
            "プロバイダーがアプリケーションを受け付けません。ID、シークレット、リダイレクト先を比べてください。"
        }
        Cure::CompareSecret => {
            "プロバイダーがこのクライアント ID とシークレットを受け付けません。両方を入力し直してください。"
        }
        Cure::OpenFirewall => {
            "こちらのサーバーからプロバイダーに届きません。通すか、その経路が要らない SAML を使ってください。"
        }
        Cure::CompareToken => {
            "このアプリケーション宛てでないか、この発行者のものでないトークンです。発行者を一字一句、そしてクライアント ID を比べてください。"
        }
        Cure::VerifyEmail => "プロバイダーによると、アドレスは未確認です。そこで確認してもらってください。",
        Cure::Assign => "その利用者はアプリケーションを許可されていません。そこで許可してください。",
        Cure::AllowJoining => {
            "その人はメンバーではなく、この方法ではなれません。招待するか、参加を許可してください。"
        }
        Cure::Complete => "接続が有効でないか、何かが足りません。",
        Cure::TryLater => "しばらくしてからもう一度お試しください。",
        Cure::AskVendor => "これはあなたが変更するものではありません。",
    }
}
