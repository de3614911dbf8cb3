//! Shows every page with invented data, without a database:
//! `cargo run -p pouet-web --example gallery [PORT]`, then open the printed address.
//!
//! `?lang=fr` chooses the language of a page.

mod render;
mod sample;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use pouet_web::assets;
use pouet_web::locale::Locale;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args()
        .nth(1)
        .and_then(|p| p.parse().ok())
        .unwrap_or(8099);
    println!("http://127.0.0.1:{port}/gallery");
    HttpServer::new(|| {
        App::new()
            .configure(assets::configure)
            .route("/gallery", web::get().to(index))
            .route("/gallery/{page}", web::get().to(show))
            .route("/sample/{name}.svg", web::get().to(picture))
    })
    .workers(1)
    .bind(("127.0.0.1", port))?
    .run()
    .await
}

async fn index() -> HttpResponse {
    let links: Vec<_> = render::NAMES
        .iter()
        .flat_map(|name| Locale::ALL.map(|locale| (name, locale.tag())))
        .map(|(name, tag)| format!("<li><a href=\"/gallery/{name}?lang={tag}\">{name} ({tag})</a></li>"))
        .collect();
    let links = links.concat();
    html(format!("<!DOCTYPE html><title>gallery</title><ul>{links}</ul>"))
}

async fn show(request: HttpRequest, page: web::Path<String>) -> HttpResponse {
    let locale = if request.query_string().contains("lang=fr") {
        Locale::Fr
    } else {
        Locale::En
    };
    match render::render(&page, locale) {
        Some(Ok(body)) => html(body),
        Some(Err(error)) => HttpResponse::InternalServerError().body(error.to_string()),
        None => HttpResponse::NotFound().finish(),
    }
}

fn html(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((
            "content-security-policy",
            pouet_web::security::content_security_policy("", ""),
        ))
        .content_type("text/html; charset=utf-8")
        .body(body)
}

/// Faces and landscapes drawn from their number, so that the repository needs no photographs.
async fn picture(name: web::Path<String>) -> HttpResponse {
    let number: u32 = name.rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let hue = number * 83 % 360;
    let svg = if name.starts_with("face") {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="hsl({hue} 35% 72%)"/><circle cx="50" cy="42" r="19" fill="hsl({hue} 30% 30%)"/><path d="M12 104a38 38 0 0 1 76 0z" fill="hsl({hue} 30% 30%)"/></svg>"#
        )
    } else {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 800" width="1200" height="800"><rect width="1200" height="800" fill="hsl({hue} 30% 78%)"/><circle cx="{x}" cy="300" r="90" fill="hsl(38 85% 72%)"/><path d="M0 470q300-120 620-30t580-60v420H0z" fill="hsl({hue} 28% 52%)"/><path d="M0 610q340-110 700-20t500-50v260H0z" fill="hsl({hue} 32% 34%)"/></svg>"#,
            x = 250 + number * 180
        )
    };
    HttpResponse::Ok().content_type("image/svg+xml").body(svg)
}
