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
fn no_hashtag_mention_or_emoji_inside_code() {
    check(&[
        ("`#cat`", &[]),
        ("a `#cat` b #dog", &["#dog"]),
        ("`#cat` and `@bob` and `:ab:`", &[]),
        ("``#cat `@bob` ``", &[]),
        ("`#include <a.h>` #cprog", &["#cprog"]),
        ("```\n#cat\n@bob\n```\n#dog", &["#dog"]),
        ("```sh\n# comment\n#!/bin/sh\n```", &[]),
        ("`#cat", &["#cat"]),
        ("#cat`", &["#cat"]),
        ("`a\n#cat\nb`", &["#cat"]),
        ("it's 5` #cat, not 6`", &[]),
        (
            "`https://far.example/#cat` #dog",
            &["https://far.example/#cat", "#dog"],
        ),
        ("``` #cat", &["#cat"]),
        ("don't ` #one\n` #two", &["#one", "#two"]),
    ]);
}

#[test]
fn no_hashtag_inside_addresses() {
    check(&[
        ("alice#cat@far.example", &[]),
        ("alice@far.example#cat", &[]),
        ("alice@far.example #cat", &["#cat"]),
        ("mailto:alice@far.example?subject=#cat", &[]),
        ("xmpp:room@far.example#cat", &[]),
        ("@bob@far.example#cat", &["@bob@far.example"]),
        ("@bob#cat", &["@bob"]),
        ("@bob #cat", &["@bob", "#cat"]),
        ("&#35;cat", &[]),
        ("&#x23;cat", &[]),
        ("/r/#cat", &[]),
        ("key=#cat", &[]),
        ("{#cat}", &["#cat"]),
        ("<#cat>", &["#cat"]),
        ("'#cat'", &["#cat"]),
        ("„#cat“", &["#cat"]),
        ("«#cat»", &["#cat"]),
        ("¿#cat?", &["#cat"]),
        ("¡#cat!", &["#cat"]),
        ("#cat/#dog", &["#cat"]),
        ("#cat|#dog", &["#cat", "#dog"]),
        ("#cat\t#dog", &["#cat", "#dog"]),
        ("#cat\u{3000}#dog", &["#cat", "#dog"]),
        ("#cat…", &["#cat"]),
        ("#cat’s", &["#cat"]),
        ("#cat:dog", &["#cat"]),
        ("#cat@bob", &["#cat"]),
        ("#cat&dog", &["#cat"]),
        ("#cat+dog", &["#cat"]),
        ("#cat=dog", &["#cat"]),
        ("#cat%20dog", &["#cat"]),
        ("#cat\\dog", &["#cat"]),
        ("#cat$", &["#cat"]),
        ("#cat*", &["#cat"]),
        ("*#cat*", &["#cat"]),
        ("~#cat~", &["#cat"]),
        ("^#cat", &["#cat"]),
        ("#cat\u{200b}dog", &["#cat"]),
        ("#\u{200b}cat", &[]),
        ("#cat\u{202e}god", &["#cat"]),
        ("#cat\u{feff}", &["#cat"]),
        ("#cat\u{fe0f}", &["#cat\u{fe0f}=cat"]),
    ]);
}

#[test]
fn hashtags_keep_their_case_for_display_and_lose_it_for_identity() {
    check(&[
        ("#BlackLivesMatter", &["#BlackLivesMatter=blacklivesmatter"]),
        ("#FollowFriday", &["#FollowFriday=followfriday"]),
        ("#iPhone", &["#iPhone=iphone"]),
        ("#NASA", &["#NASA=nasa"]),
        ("#ÉtéIndien", &["#ÉtéIndien=eteindien"]),
        ("#ÇaVa", &["#ÇaVa=cava"]),
        ("#MañanaSerá", &["#MañanaSerá=mananasera"]),
        ("#ŻółwStyle", &["#ŻółwStyle=zolwstyle"]),
        ("#ĞüzelGün", &["#ĞüzelGün=guzelgun"]),
        ("#ÞórrStory", &["#ÞórrStory=þorrstory"]),
        ("#ÅngströmDag", &["#ÅngströmDag=angstromdag"]),
        ("#ČeskáKava", &["#ČeskáKava=ceskakava"]),
        ("#ŞişliMeydanı", &["#ŞişliMeydanı=sislimeydani"]),
        ("#МояСтрана", &["#МояСтрана=моястрана"]),
        ("#ΚαλημέραΚόσμε", &["#ΚαλημέραΚόσμε=καλημέρακόσμε"]),
        ("#ԲարևԱշխարհ", &["#ԲարևԱշխարհ=բարեւաշխարհ"]),
        ("#GrüßGott", &["#GrüßGott=grußgott"]),
        ("#Ⅻ", &["#Ⅻ=xii"]),
        ("#ℕumbers", &["#ℕumbers=numbers"]),
        ("#Ⓐnarchy", &["#Ⓐnarchy=anarchy"]),
        ("#2026Vision", &["#2026Vision=2026vision"]),
        ("#Web3_0", &["#Web3_0=web3_0"]),
        ("#A11y", &["#A11y=a11y"]),
        ("#one·Two", &["#one·Two=one·two"]),
        ("#C·L·A·M·P", &["#C·L·A·M·P=c·l·a·m·p"]),
        ("#クランプ・X", &["#クランプ・X=クランプ・x"]),
    ]);
}

#[test]
fn hashtags_in_more_scripts() {
    check(&[
        ("#اردو", &["#اردو"]),
        ("#فارسی", &["#فارسی"]),
        ("#پښتو", &["#پښتو"]),
        ("#ئۇيغۇرچە", &["#ئۇيغۇرچە"]),
        ("#ייִדיש", &["#ייִדיש"]),
        ("#ગુજરાતી", &["#ગુજરાતી"]),
        ("#ಕನ್ನಡ", &["#ಕನ್ನಡ=ಕನನಡ"]),
        ("#മലയാളം", &["#മലയാളം"]),
        ("#తెలుగు", &["#తెలుగు"]),
        ("#ລາວ", &["#ລາວ"]),
        ("#日本語", &["#日本語"]),
        ("#ひらがな", &["#ひらがな"]),
        ("#カタカナ", &["#カタカナ"]),
        ("#ー", &["#ー"]),
        ("#々", &["#々"]),
        ("#台灣", &["#台灣"]),
        ("#简体中文测试", &["#简体中文测试"]),
        ("#한글", &["#한글"]),
        ("#한국_여행", &["#한국_여행"]),
        ("#ᐃᓄᒃᑎᑐᑦ", &["#ᐃᓄᒃᑎᑐᑦ"]),
        ("#ⵜⴰⵎⴰⵣⵉⵖⵜ", &["#ⵜⴰⵎⴰⵣⵉⵖⵜ"]),
        ("#ትግርኛ", &["#ትግርኛ"]),
        ("#Ўзбек", &["#Ўзбек=ўзбек"]),
        ("#Қазақ", &["#Қазақ=қазақ"]),
        ("#Українська", &["#Українська=українська"]),
        ("#Беларусь", &["#Беларусь=беларусь"]),
        ("#Ελλάδα", &["#Ελλάδα=ελλάδα"]),
        ("#𐐔𐐯𐑅𐐨𐑉𐐯𐐻", &["#𐐔𐐯𐑅𐐨𐑉𐐯𐐻=𐐼𐐯𐑅𐐨𐑉𐐯𐐻"]),
        ("#ő", &["#ő=o"]),
        ("#ñ", &["#ñ=n"]),
        ("#œuvre", &["#œuvre"]),
        ("#Ĳssel", &["#Ĳssel=ijssel"]),
        ("#Việt_Nam", &["#Việt_Nam=việt_nam"]),
        ("#ơi", &["#ơi"]),
        ("#٢٠٢٦", &[]),
        ("#२०२६", &[]),
        ("#２０２６年", &["#２０２６年=2026年"]),
        ("#4月", &["#4月"]),
        ("#、", &[]),
        ("#。", &[]),
        ("#「猫」", &[]),
        ("「#猫」", &["#猫"]),
        ("（#猫）", &["#猫"]),
        ("猫、#犬。", &["#犬"]),
        ("猫 #犬猫", &["#犬猫"]),
        ("猫＃犬", &[]),
        ("です。#猫", &["#猫"]),
        ("مرحبا #قطة!", &["#قطة"]),
        ("#قطة،", &["#قطة"]),
        ("#قطة؟", &["#قطة"]),
        ("שלום #חתול.", &["#חתול"]),
        ("नमस्ते #बिल्ली।", &["#बिल्ली=बिलली"]),
        ("👩‍💻#code", &["#code"]),
        ("#code👩‍💻", &["#code"]),
        ("#🏳️‍🌈pride", &[]),
        ("🏳️‍🌈 #pride🏳️‍🌈", &["#pride"]),
        ("#x²", &["#x²=x2"]),
        ("#№1", &[]),
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
