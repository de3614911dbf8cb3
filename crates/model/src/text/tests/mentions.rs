use super::check;

#[test]
fn local_accounts() {
    check(&[
        ("@alice", &["@alice"]),
        ("@Alice_99", &["@Alice_99"]),
        ("@_", &["@_"]),
        ("hello @alice", &["@alice"]),
        ("hello @alice!", &["@alice"]),
        ("hello @alice.", &["@alice"]),
        ("@alice, @bob and @carol", &["@alice", "@bob", "@carol"]),
        ("@alice@", &["@alice"]),
        ("@alice@ home", &["@alice"]),
        ("@alice's cat", &["@alice"]),
        ("@alice-", &["@alice"]),
        ("@alice-b", &["@alice-b"]),
        ("@a.b", &["@a.b"]),
        ("(@alice)", &["@alice"]),
        ("[@alice]", &["@alice"]),
        (".@alice", &["@alice"]),
        ("\"@alice\"", &["@alice"]),
        ("“@alice”", &["@alice"]),
        ("*@alice*", &["@alice"]),
        ("-@alice", &["@alice"]),
        ("—@alice", &["@alice"]),
        ("@@alice", &["@alice"]),
        ("\n@alice\n@bob", &["@alice", "@bob"]),
        ("@alice@bob", &["@alice@bob"]),
        ("@", &[]),
        ("@ alice", &[]),
        ("@.alice", &[]),
        ("@-alice", &[]),
        ("@@", &[]),
        ("@é", &[]),
        ("@#tag", &["#tag"]),
        ("＠alice", &[]),
    ]);
}

#[test]
fn remote_accounts() {
    check(&[
        ("@bob@far.example", &["@bob@far.example"]),
        ("@Bob@FAR.Example", &["@Bob@far.example"]),
        ("@bob@far.example.", &["@bob@far.example"]),
        ("@bob@far.example, hello", &["@bob@far.example"]),
        ("@bob@far.example: hello", &["@bob@far.example"]),
        ("@bob@far.example... hello", &["@bob@far.example"]),
        ("@bob@far.example's", &["@bob@far.example"]),
        ("@bob@far.example-", &["@bob@far.example"]),
        ("@bob@far.example/path", &["@bob@far.example"]),
        ("@bob@a-b.far.example", &["@bob@a-b.far.example"]),
        ("@b.o-b@far.example", &["@b.o-b@far.example"]),
        ("@bob@far.example@carol", &["@bob@far.example"]),
        ("@bob@münchen.example", &["@bob@xn--mnchen-3ya.example"]),
        ("@bob@xn--mnchen-3ya.example", &["@bob@xn--mnchen-3ya.example"]),
        ("@bob@nic.みんな", &["@bob@nic.xn--q9jyb4c"]),
        ("@bob@пример.рф", &["@bob@xn--e1afmkfd.xn--p1ai"]),
        ("@bob@מה.קום", &["@bob@xn--8dbt.xn--9dbq2a"]),
        ("@bob@far.exampleさん", &["@bob@far.example"]),
        ("@bob@far.example你好", &["@bob@far.example"]),
        ("@bob@localhost", &["@bob@localhost"]),
        ("@bob@localhost:8082", &["@bob@localhost:8082"]),
        ("@bob@localhost:8082: hello", &["@bob@localhost:8082"]),
        ("@bob@localhost:8082.", &["@bob@localhost:8082"]),
        ("@bob@localhost:8082さん", &["@bob@localhost"]),
        ("@bob@127.0.0.1:8082", &["@bob@127.0.0.1:8082"]),
        ("@bob@far.example:443", &["@bob@far.example"]),
        ("@bob@far.example:3 things", &["@bob@far.example"]),
        ("@bob@far.example:123456", &["@bob@far.example"]),
        ("@bob@far.example:99999", &[]),
        ("@bob@far.example:80a", &["@bob@far.example"]),
    ]);
}

#[test]
fn a_host_that_cannot_exist_never_becomes_a_mention_of_a_local_account() {
    check(&[
        ("@alice@far_host.example", &[]),
        ("@alice@far-.example", &[]),
        ("@alice@xn--a.example", &[]),
        ("@alice@999.1.1.1", &[]),
        ("@alice@1", &[]),
        ("@alice@127.1", &[]),
        ("@alice@0x7f.0.0.1", &[]),
    ]);
    let long = format!("@alice@{}.example", "a".repeat(64));
    assert!(super::found(&long).is_empty());
}

#[test]
fn no_mention_inside_words_addresses_and_urls() {
    check(&[
        ("alice@far.example", &[]),
        ("mail alice@far.example today", &[]),
        ("mailto:alice@far.example", &[]),
        ("alice+tag@far.example", &[]),
        ("alice.b@far.example", &[]),
        ("alice+@far.example", &[]),
        ("alice%@far.example", &[]),
        ("é@alice", &[]),
        ("猫@alice", &[]),
        ("_@alice", &[]),
        ("9@alice", &[]),
        ("/@alice", &[]),
        ("=@alice", &[]),
        ("https://far.example/@bob", &["https://far.example/@bob"]),
        (
            "https://far.example/@bob@b.example",
            &["https://far.example/@bob@b.example"],
        ),
        ("https://far.example/?u=@bob", &["https://far.example/?u=@bob"]),
        ("far.example/@bob", &[]),
        ("1 + @alice", &["@alice"]),
        ("+@alice", &["@alice"]),
        ("100% @alice", &["@alice"]),
    ]);
}

#[test]
fn mentions_in_every_script() {
    check(&[
        ("Привет @alice, как дела", &["@alice"]),
        ("Γειά @alice!", &["@alice"]),
        ("مرحبا @alice كيف", &["@alice"]),
        ("שלום @alice", &["@alice"]),
        ("สวัสดี @aliceครับ", &["@alice"]),
        ("नमस्ते @alice जी", &["@alice"]),
        ("你好，@alice。", &["@alice"]),
        ("「@alice」", &["@alice"]),
        ("@aliceさん、こんにちは", &["@alice"]),
        ("안녕 @alice님", &["@alice"]),
        ("🐱@alice🐱", &["@alice"]),
        ("👩‍👩‍👧 @alice", &["@alice"]),
        ("\u{200f}@alice", &["@alice"]),
        ("\u{a0}@alice", &["@alice"]),
        ("　@alice", &["@alice"]),
    ]);
}

#[test]
fn sec_R054_at_most_fifty_accounts_are_mentioned() {
    let text: Vec<String> = (0..200).map(|n| format!("@user{n}")).collect();
    let parsed = super::parse(&text.join(" "));
    assert_eq!(parsed.mentions().len(), super::MAX_MENTIONS);
    let again = format!("{} @user0 @user199", text.join(" "));
    let parsed = super::parse(&again);
    assert_eq!(
        parsed.entities.len(),
        super::MAX_MENTIONS + 1,
        "a known one is found again, a new one is not"
    );
}
