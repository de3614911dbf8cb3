//! Pages from the outside: every template in both languages, and hostile text in every field.

#[path = "../../examples/gallery/render.rs"]
mod render;
#[path = "../../examples/gallery/sample.rs"]
mod sample;

mod browsers;
mod collections;
mod colours;
mod consent;
mod explore;
mod files;
mod frames;
mod gates;
mod hostile;
mod locales;
mod markdown;
mod markup;
mod numbers;
mod reading;
mod searching;
mod world;
