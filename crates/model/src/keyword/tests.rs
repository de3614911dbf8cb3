use super::*;

fn matches(keywords: &[(&str, bool)], text: &str) -> Vec<String> {
    KeywordMatcher::new(keywords).matches(text)
}

#[test]
fn one_keyword_in_one_text() {
    // keyword, whole word, text, found
    let table = [
        ("cat", true, "a cat sat", true),
        ("cat", true, "Cat", true),
        ("cat", true, "CATS", false),
        ("cat", false, "CATS", true),
        ("cat", true, "concatenate", false),
        ("cat", false, "concatenate", true),
        ("cat", true, "#cat", true),
        ("cat", true, "cat's", true),
        ("cat", true, "cat_food", false),
        ("cat", true, "cat-food", true),
        ("cat", true, "cats and a cat", true),
        ("cat", true, "", false),
        ("two words", true, "these two words here", true),
        ("two words", true, "two wordsmiths", false),
        ("two words", true, "two  words", false),
        ("#cat", true, "my#cat", true),
        ("#cat", true, "#cats", false),
        ("#cat", false, "#cats", true),
        ("c++", true, "I like C++!", true),
        ("c++", true, "c++11", true),
        (".*", false, "anything", false),
        (".*", false, "a.*b", true),
        ("[a-z]+", false, "abc", false),
        ("(a+)+$", false, "aaaaaaaaaaaaaaaa!", false),
        ("\\b", false, "a b", false),
        ("a|b", false, "b", false),
        ("  padded  ", true, "is padded here", true),
        ("été", true, "un ÉTÉ chaud", true),
        ("été", true, "un e\u{301}te\u{301} chaud", true),
        ("été", true, "étés", false),
        ("straße", true, "STRASSE", true),
        ("σεισμός", true, "ΣΕΙΣΜΌΣ", true),
        ("москва", true, "МОСКВА!", true),
        ("москва", true, "москвичка", false),
        ("קטע", true, "זה קטע קצר", true),
        ("حرب", true, "هذه حرب جديدة", true),
        ("حرب", true, "حربي", false),
        ("युद्ध", true, "यह युद्ध है", true),
        ("युद्ध", true, "युद्धपोत", false),
        ("แมว", true, "ฉันชอบแมวมาก", true),
        ("猫", true, "私の猫です", true),
        ("ネタバレ", true, "映画のネタバレあり", true),
        ("ネタバレ", true, "ﾈﾀﾊﾞﾚ", true),
        ("전쟁", true, "전쟁 소식", true),
        ("전쟁", true, "전쟁이", false),
        ("spoiler", true, "ＳＰＯＩＬＥＲ", true),
        ("spoiler", true, "𝓼𝓹𝓸𝓲𝓵𝓮𝓻", true),
        ("🐱", true, "look: 🐱🐱", true),
        ("🐱", true, "cat🐱cat", true),
        ("café", true, "cafe", false),
        ("istanbul", true, "ISTANBUL", true),
    ];
    for (keyword, whole_word, text, found) in table {
        let expected: Vec<String> = found.then(|| keyword.trim().to_owned()).into_iter().collect();
        assert_eq!(
            matches(&[(keyword, whole_word)], text),
            expected,
            "{keyword:?} ({whole_word}) in {text:?}"
        );
    }
}

#[test]
fn several_keywords_are_found_once_each_in_their_order() {
    let keywords = [
        ("b", true),
        ("a", true),
        ("ab", false),
        ("absent", true),
        ("A", true),
    ];
    assert_eq!(matches(&keywords, "a a b ab AB"), ["b", "a", "ab", "A"]);
}

#[test]
fn keywords_without_content_match_nothing() {
    let keywords = [("", true), ("   ", false), ("\n", false)];
    assert!(KeywordMatcher::new(&keywords).is_empty());
    assert_eq!(matches(&keywords, "   "), Vec::<String>::new());
    assert_eq!(
        matches(&[("", false), ("x", false)], "x"),
        ["x"],
        "an empty keyword does not shift the others"
    );
}

#[test]
fn a_keyword_inside_another_is_found_too() {
    assert_eq!(
        matches(&[("new york", true), ("york", true), ("new", true)], "New York"),
        ["new york", "york", "new"]
    );
}

proptest::proptest! {
    #[test]
    fn a_keyword_is_found_in_every_text_that_holds_it(before in "\\PC{0,20}", keyword in "[a-zа-я猫+*.(]{1,10}", after in "\\PC{0,20}") {
        let text = format!("{before} {keyword} {after}");
        proptest::prop_assert_eq!(matches(&[(&keyword, true)], &text), vec![keyword.clone()]);
        let text = format!("{before}{}{after}", keyword.to_uppercase());
        let found = matches(&[(&keyword, false)], &text);
        // A combining mark right behind may make another letter of the last one.
        let composes = after.starts_with(unicode_normalization::char::is_combining_mark);
        proptest::prop_assert!(composes || found == vec![keyword.clone()]);
    }
}
