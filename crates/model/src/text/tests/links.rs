use super::check;

#[test]
fn where_urls_begin_and_end() {
    check(&[
        ("https://far.example", &["https://far.example"]),
        ("http://far.example", &["http://far.example"]),
        ("HTTPS://FAR.example/A", &["HTTPS://FAR.example/A"]),
        ("https://far.example/", &["https://far.example/"]),
        ("https://far.example.", &["https://far.example"]),
        ("https://far.example/a.", &["https://far.example/a"]),
        ("https://far.example/a, b", &["https://far.example/a"]),
        ("https://far.example/a; b", &["https://far.example/a"]),
        ("https://far.example/a: b", &["https://far.example/a"]),
        ("https://far.example/a!", &["https://far.example/a"]),
        ("https://far.example!", &["https://far.example"]),
        ("https://far.example/a?", &["https://far.example/a"]),
        ("https://far.example/a...", &["https://far.example/a"]),
        ("https://far.example/a…", &["https://far.example/a"]),
        ("https://far.example'", &["https://far.example"]),
        ("https://far.example/a'", &["https://far.example/a"]),
        ("https://far.example/it's", &["https://far.example/it's"]),
        ("\"https://far.example/\"", &["https://far.example/"]),
        ("“https://far.example/a” b", &["https://far.example/a"]),
        ("<https://far.example/>", &["https://far.example/"]),
        ("https://far.example>", &["https://far.example"]),
        ("*https://far.example/a*", &["https://far.example/a"]),
        ("_https://far.example/a_", &["https://far.example/a_"]),
        ("~https://far.example/a~", &["https://far.example/a"]),
        ("`https://far.example/a`", &["https://far.example/a"]),
        ("see:https://far.example/a", &["https://far.example/a"]),
        ("https://far.example/a\nb", &["https://far.example/a"]),
        ("https://far.example/a\u{3000}b", &["https://far.example/a"]),
        ("https://far.example/a\u{a0}b", &["https://far.example/a"]),
        ("https://far.example/a\u{202e}b", &["https://far.example/a"]),
        ("https://far.example/b<del>b</del>", &["https://far.example/b"]),
        ("https://far.example/a\\b", &["https://far.example/a"]),
        ("https://far.example/-", &["https://far.example/-"]),
        ("https://far.example/a/", &["https://far.example/a/"]),
        ("https://far.example/a=", &["https://far.example/a="]),
        ("https://far.example/~bob/", &["https://far.example/~bob/"]),
        ("https://far.example/a%20b", &["https://far.example/a%20b"]),
        (
            "https://a.example https://b.example",
            &["https://a.example", "https://b.example"],
        ),
        (
            "https://a.example/,https://b.example/",
            &["https://a.example/,https://b.example/"],
        ),
        (
            "https://web.example/2020/https://far.example/",
            &["https://web.example/2020/https://far.example/"],
        ),
    ]);
}

#[test]
fn brackets_belong_to_urls_in_pairs() {
    check(&[
        ("(https://far.example/)", &["https://far.example/"]),
        ("(https://far.example)", &["https://far.example"]),
        ("(see https://far.example/a)", &["https://far.example/a"]),
        ("(see https://far.example/a).", &["https://far.example/a"]),
        ("https://far.example/a_(b)", &["https://far.example/a_(b)"]),
        (
            "https://far.example/a_(b)_(c)",
            &["https://far.example/a_(b)_(c)"],
        ),
        (
            "https://far.example/a_(b_(c))",
            &["https://far.example/a_(b_(c))"],
        ),
        ("(https://far.example/a_(b))", &["https://far.example/a_(b)"]),
        ("(https://far.example/a_(b)).", &["https://far.example/a_(b)"]),
        (
            "https://far.example/a_(b).html",
            &["https://far.example/a_(b).html"],
        ),
        ("https://far.example/a(b", &["https://far.example/a"]),
        ("https://far.example/a)b", &["https://far.example/a"]),
        ("[https://far.example/a]", &["https://far.example/a"]),
        ("[text](https://far.example/a)", &["https://far.example/a"]),
        (
            "https://far.example/?a[]=1&b[c]=2",
            &["https://far.example/?a[]=1&b[c]=2"],
        ),
        ("{https://far.example/a}", &["https://far.example/a"]),
        ("「https://far.example/a」です", &["https://far.example/a"]),
        ("「[https://far.example/」", &["https://far.example/"]),
        ("（https://far.example/a）", &["https://far.example/a"]),
        ("【https://far.example/a】", &["https://far.example/a"]),
        (
            "https://far.example/東京_（曖昧）",
            &["https://far.example/東京_（曖昧）"],
        ),
        ("https://far.example/a([b)]", &["https://far.example/a"]),
    ]);
}

#[test]
fn hosts() {
    check(&[
        ("https://www.far.example/a", &["https://www.far.example/a"]),
        ("https://far.example:8080/a", &["https://far.example:8080/a"]),
        ("https://far.example:8080", &["https://far.example:8080"]),
        ("https://far.example:", &["https://far.example"]),
        ("https://far.example: hello", &["https://far.example"]),
        ("https://far.example?a=b", &["https://far.example?a=b"]),
        ("https://far.example?", &["https://far.example"]),
        ("https://far.example./a", &["https://far.example./a"]),
        ("http://localhost:8080/a", &["http://localhost:8080/a"]),
        ("http://127.0.0.1:8080/a", &["http://127.0.0.1:8080/a"]),
        ("https://my_site.far.example/", &["https://my_site.far.example/"]),
        ("https://nic.みんな/", &["https://nic.みんな/"]),
        ("https://пример.рф/путь", &["https://пример.рф/путь"]),
        ("https://مثال.إختبار/صفحة", &["https://مثال.إختبار/صفحة"]),
        ("https://उदाहरण.भारत/पृष्ठ", &["https://उदाहरण.भारत/पृष्ठ"]),
        ("https://ตัวอย่าง.ไทย/หน้า", &["https://ตัวอย่าง.ไทย/หน้า"]),
        ("https://far.example/日本", &["https://far.example/日本"]),
        ("https://far.example/대한민국", &["https://far.example/대한민국"]),
        ("https://far.example/臺灣。", &["https://far.example/臺灣"]),
        ("https://far.example/?q=✓&r=1", &["https://far.example/?q=✓&r=1"]),
        ("https://far.example/🐱", &["https://far.example/🐱"]),
        ("https://far.exampleです", &["https://far.example"]),
        ("https://far.example。次", &["https://far.example"]),
        ("日本語https://far.example/", &["https://far.example/"]),
        ("http://far", &[]),
        ("https://", &[]),
        ("https:///a", &[]),
        ("https://.example", &[]),
        ("https://far..example", &[]),
        ("http://www\\.far\\.example", &[]),
        ("https://[::1]/", &[]),
        ("https://999.1.1.1/", &[]),
        ("ahttps://far.example", &[]),
        ("9https://far.example", &[]),
        ("@https://far.example", &["@https"]),
        ("#https://far.example", &["#https"]),
        ("ftp://far.example/", &[]),
        ("javascript:alert(1)", &[]),
        ("far.example", &[]),
        ("www.far.example", &[]),
    ]);
}

#[test]
fn sec_R052_a_user_name_before_the_host_makes_no_link() {
    check(&[
        ("https://good.example@evil.test/", &[]),
        ("https://good.example:80@evil.test/", &[]),
        ("https://user@evil.test/", &[]),
        ("https://user:pass@evil.test/", &[]),
    ]);
}
