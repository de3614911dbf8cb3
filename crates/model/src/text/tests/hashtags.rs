use super::{check, hashtag_name};

#[test]
fn where_hashtags_begin_and_end() {
    check(&[
        ("#cat", &["#cat"]),
        ("#Cat", &["#Cat=cat"]),
        ("#CatsOfFedi", &["#CatsOfFedi=catsoffedi"]),
        ("hello #cat!", &["#cat"]),
        ("#cat.", &["#cat"]),
        ("#cat, #dog", &["#cat", "#dog"]),
        ("#cat#dog", &["#cat"]),
        ("#cat-food", &["#cat"]),
        ("#cat's", &["#cat"]),
        ("(#cat)", &["#cat"]),
        ("[#cat]", &["#cat"]),
        ("\"#cat\"", &["#cat"]),
        ("…#cat", &["#cat"]),
        ("-#cat", &["#cat"]),
        ("_#cat", &["#cat"]),
        ("##cat", &["#cat"]),
        ("\n#cat\n", &["#cat"]),
        ("\u{a0}#cat", &["#cat"]),
        ("＃cat", &["#cat"]),
        ("#3d", &["#3d"]),
        ("#l33t", &["#l33t"]),
        ("#y2k", &["#y2k"]),
        ("#2024a", &["#2024a"]),
        ("#_cat", &["#_cat"]),
        ("#cat_", &["#cat_"]),
        ("#a_b_c", &["#a_b_c"]),
        ("#2024_2025", &["#2024_2025"]),
        ("#one·two", &["#one·two"]),
        ("#one·two·", &["#one·two"]),
        ("#·one", &[]),
        ("#123", &[]),
        ("#1", &[]),
        ("#_", &[]),
        ("#__", &[]),
        ("#_1", &[]),
        ("#1_", &[]),
        ("#", &[]),
        ("# cat", &[]),
        ("#!cat", &[]),
        ("#-cat", &[]),
        ("#️⃣", &[]),
        ("#️⃣ cat", &[]),
        ("1️⃣#cat", &["#cat"]),
        ("#🐱", &[]),
        ("#cat🐱", &["#cat"]),
        ("🐱#cat", &["#cat"]),
        ("a#cat", &[]),
        ("é#cat", &[]),
        ("猫#cat", &[]),
        ("9#cat", &[]),
        ("/#cat", &[]),
        (")#cat", &[]),
        ("=#cat", &[]),
        ("&#xcat;", &[]),
        ("&#39;", &[]),
        ("C# and F#", &[]),
        ("issue #42 and #43b", &["#43b"]),
    ]);
}

#[test]
fn no_hashtag_inside_urls() {
    check(&[
        ("https://far.example/a#cat", &["https://far.example/a#cat"]),
        ("https://far.example#cat", &["https://far.example#cat"]),
        ("https://far.example/#cat", &["https://far.example/#cat"]),
        (
            "https://far.example/a_(b)#cat",
            &["https://far.example/a_(b)#cat"],
        ),
        ("https://far.example/?a=#cat", &["https://far.example/?a=#cat"]),
        ("https://far.example/é#cat", &["https://far.example/é#cat"]),
        ("https://far.example/Inc.#cat", &["https://far.example/Inc.#cat"]),
        ("https://far.example/ #cat", &["https://far.example/", "#cat"]),
        ("far.example/a#cat", &[]),
    ]);
}

#[test]
fn hashtags_in_every_script() {
    check(&[
        ("#été", &["#été=ete"]),
        ("#Ångström", &["#Ångström=angstrom"]),
        ("#straße", &["#straße"]),
        ("#łódź", &["#łódź=lodz"]),
        ("#tiếng_Việt", &["#tiếng_Việt=tiếng_việt"]),
        ("#Москва", &["#Москва=москва"]),
        ("#їжак", &["#їжак"]),
        ("#Αθήνα", &["#Αθήνα=αθήνα"]),
        ("#عربي", &["#عربي"]),
        ("#نرم\u{200c}افزار و", &["#نرم\u{200c}افزار"]),
        ("#עברית", &["#עברית"]),
        ("#ภาษาไทย", &["#ภาษาไทย"]),
        ("#ข่าวล่าสุด", &["#ข่าวล่าสุด"]),
        ("#हिन्दी", &["#हिन्दी=हिनदी"]),
        ("#বাংলা", &["#বাংলা"]),
        ("#தமிழ்", &["#தமிழ்=தமிழ"]),
        ("#ශ්\u{200d}රී", &["#ශ්\u{200d}රී=ශරී"]),
        ("#မြန်မာ", &["#မြန်မာ=မြနမာ"]),
        ("#ខ្មែរ", &["#ខ្មែរ=ខមែរ"]),
        ("#ქართული", &["#ქართული"]),
        ("#Հայերեն", &["#Հայերեն=հայերեն"]),
        ("#አማርኛ", &["#አማርኛ"]),
        ("#中文", &["#中文"]),
        ("#中文。", &["#中文"]),
        ("#猫、犬", &["#猫"]),
        ("#ネコ", &["#ネコ"]),
        ("#ﾈｺ", &["#ﾈｺ=ネコ"]),
        ("#ぼっち・ざ・ろっく", &["#ぼっち・ざ・ろっく"]),
        ("#ハッピーバースデー", &["#ハッピーバースデー"]),
        ("#한국어", &["#한국어"]),
        ("#ａｅｓｔｈｅｔｉｃ", &["#ａｅｓｔｈｅｔｉｃ=aesthetic"]),
        ("＃ｆｏｏ", &["#ｆｏｏ=foo"]),
        ("#𝓬𝓪𝓽", &["#𝓬𝓪𝓽=cat"]),
        ("#e\u{301}te\u{301}", &["#e\u{301}te\u{301}=ete"]),
        ("#ᏣᎳᎩ", &["#ᏣᎳᎩ=ꮳꮃꭹ"]),
    ]);
}

#[test]
fn fed_038_one_identity_for_the_spellings_of_a_tag() {
    let table = [
        ("Été", Some("ete")),
        ("#Été", Some("ete")),
        ("＃ÉTÉ", Some("ete")),
        ("##cat", Some("cat")),
        (" #cat ", Some("cat")),
        ("ＣＡＴ", Some("cat")),
        ("foo_bar", Some("foo_bar")),
        ("foo＿bar", Some("foo_bar")),
        ("hello world", Some("helloworld")),
        (".abc123", Some("abc123")),
        ("Hello❤️World", Some("helloworld")),
        ("cat🐱", Some("cat")),
        ("·cat·", Some("cat")),
        ("\u{200c}cat\u{200c}", Some("cat")),
        ("نرم\u{200c}افزار", Some("نرم\u{200c}افزار")),
        ("نرم\u{200c}افزار\u{200c}", Some("نرم\u{200c}افزار")),
        ("\u{202e}cat", Some("cat")),
        ("ca\u{200b}t", Some("cat")),
        ("ſea", Some("sea")),
        ("İstanbul", Some("istanbul")),
        ("ısı", Some("isi")),
        ("Ørsted", Some("orsted")),
        ("æble", Some("æble")),
        ("ﬁsh", Some("fish")),
        ("x²", Some("x2")),
        ("½a", Some("12a")),
        ("2024_2025", Some("2024_2025")),
        ("123", None),
        ("#123", None),
        ("１２３", None),
        ("٣٤٥", None),
        ("", None),
        ("#", None),
        ("_", None),
        ("·", None),
        ("🐱", None),
        ("!?", None),
        ("<script>", Some("script")),
        ("\"onload=x", Some("onloadx")),
    ];
    for (text, name) in table {
        assert_eq!(hashtag_name(text).as_deref(), name, "{text:?}");
    }
    assert!(hashtag_name(&"a".repeat(255)).is_some() && hashtag_name(&"a".repeat(256)).is_none());
}

#[test]
fn sec_R054_at_most_thirty_hashtags() {
    let text: Vec<String> = (0..1000).map(|n| format!("#tag{n}")).collect();
    assert_eq!(
        super::parse(&text.join(" ")).hashtags().len(),
        super::MAX_HASHTAGS
    );
}

proptest::proptest! {
    #[test]
    fn a_name_is_its_own_name(text in "\\PC{0,20}") {
        if let Some(name) = hashtag_name(&text) {
            let again = hashtag_name(&name);
            proptest::prop_assert_eq!(again.as_deref(), Some(name.as_str()));
        }
    }

    #[test]
    fn a_hashtag_found_in_a_text_has_a_name(text in "[#a-zé1_ ·ぼ\u{94d}\u{bc6}\u{bbe}\u{1b35}\u{200d}\u{345}!]{0,30}") {
        for tag in super::parse(&text).hashtags() {
            proptest::prop_assert_eq!(hashtag_name(&tag.display), Some(tag.name.clone()));
            proptest::prop_assert_eq!(hashtag_name(&tag.name), Some(tag.name.clone()));
        }
    }
}
