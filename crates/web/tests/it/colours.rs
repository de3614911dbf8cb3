//! The colours of `assets/site.css` can be read: the contrast of WCAG 2.2 (1.4.3 and 1.4.11) in both schemes.

use std::collections::HashMap;

const STYLE: &str = include_str!("../../assets/site.css");

/// The colour tokens of the light and of the dark scheme.
fn schemes() -> [HashMap<&'static str, [u8; 3]>; 2] {
    let dark_at = STYLE
        .find("@media (prefers-color-scheme: dark)")
        .expect("there is a dark scheme");
    let light = tokens(&STYLE[..dark_at]);
    let end = STYLE[dark_at..].find("\n}\n").expect("the block ends");
    let mut dark = light.clone();
    dark.extend(tokens(&STYLE[dark_at..dark_at + end]));
    [light, dark]
}

fn tokens(css: &'static str) -> HashMap<&'static str, [u8; 3]> {
    css.lines()
        .filter_map(|line| line.trim().strip_suffix(';')?.split_once(": #"))
        .filter(|(name, value)| name.starts_with("--") && value.len() == 6)
        .map(|(name, value)| {
            let number = u32::from_str_radix(value, 16).expect("a colour in hexadecimal");
            let [_, red, green, blue] = number.to_be_bytes();
            (name, [red, green, blue])
        })
        .collect()
}

fn luminance(colour: [u8; 3]) -> f64 {
    let linear = colour.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_stands_out_in_both_schemes() {
    let pairs = [
        ("--ink", "--paper", 7.0),
        ("--ink", "--wash", 7.0),
        ("--ink-2", "--paper", 4.5),
        ("--ink-2", "--raised", 4.5),
        ("--ink-2", "--wash", 4.5),
        ("--accent", "--paper", 4.5),
        ("--accent", "--raised", 4.5),
        ("--accent", "--wash", 4.5),
        ("--accent-deep", "--paper", 4.5),
        ("--on-accent", "--accent", 4.5),
        ("--on-accent", "--accent-deep", 4.5),
        ("--danger", "--paper", 4.5),
        ("--danger", "--raised", 4.5),
        ("--danger", "--danger-wash", 4.5),
        // Field borders.
        ("--ink-2", "--paper", 3.0),
    ];
    for (scheme, tokens) in ["light", "dark"].into_iter().zip(schemes()) {
        for (text, ground, least) in pairs {
            let ratio = contrast(tokens[text], tokens[ground]);
            assert!(
                ratio >= least,
                "{text} on {ground} in the {scheme} scheme is only {ratio:.2}"
            );
        }
    }
    let [light, dark] = schemes();
    assert_ne!(light["--paper"], dark["--paper"]);
}

#[test]
fn contrast_is_computed_as_defined() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([119, 119, 119], [255; 3]) - 4.478).abs() < 0.001);
}
