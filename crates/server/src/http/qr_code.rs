//! A text as a picture that a phone reads: a QR code (ISO/IEC 18004) as a PNG in a `data:` address, which a page shows as it
//! is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels along the side of one module: a picture of some 300 pixels for the longest address of an authenticator.
const SCALE: usize = 4;
/// The white edge around it, in modules (ISO/IEC 18004 section 5.3.8).
const QUIET: usize = 4;

/// Draws a text.
///
/// # Errors
/// A text that is too long for such a picture, or a picture that cannot be written: a sentence for the log.
pub(crate) fn data_url(text: &str) -> Result<String, String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|error| error.to_string())?;
    let picture = png(&code).map_err(|error| error.to_string())?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(picture)))
}

/// One bit a pixel: 0 is black.
fn png(code: &QrCode) -> Result<Vec<u8>, png::EncodingError> {
    let (width, colors) = (code.width(), code.to_colors());
    let side = (width + 2 * QUIET) * SCALE;
    let is_white = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < width);
        let place = inside(x).zip(inside(y)).map(|(x, y)| y * width + x);
        place.and_then(|place| colors.get(place)) != Some(&Color::Dark)
    };
    let mut rows = Vec::with_capacity(side * side.div_ceil(8));
    for y in 0..side {
        let row: Vec<bool> = (0..side).map(|x| is_white(x / SCALE, y / SCALE)).collect();
        rows.extend(row.chunks(8).map(packed));
    }
    let mut out = Vec::new();
    let side = u32::try_from(side).unwrap_or_default();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header()?.write_image_data(&rows)?;
    Ok(out)
}

/// Eight pixels in a byte; those beyond the edge are white.
fn packed(pixels: &[bool]) -> u8 {
    (0..8).fold(0, |byte, at| byte << 1 | u8::from(pixels.get(at).copied().unwrap_or(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_modules_of_the_code_and_a_white_edge() {
        let text = "otpauth://totp/Acme:ada%40acme.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme";
        let url = data_url(text).unwrap();
        let picture = STANDARD.decode(url.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        assert_eq!(info.width as usize, (code.width() + 8) * SCALE);
        let white = |x: usize, y: usize| pixels[y * info.line_size + x / 8] >> (7 - x % 8) & 1 == 1;
        for (x, y) in (0..code.width()).flat_map(|x| (0..code.width()).map(move |y| (x, y))) {
            let drawn = white((x + QUIET) * SCALE + 1, (y + QUIET) * SCALE + 2);
            assert_eq!(drawn, code[(x, y)] == Color::Light, "{x} {y}");
        }
        assert!((0..info.width as usize).all(|x| white(x, 0) && white(x, QUIET * SCALE - 1)));
        assert!(data_url(&"x".repeat(10_000)).is_err());
    }
}
