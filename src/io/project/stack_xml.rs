//! `stack.xml` of OpenRaster: which layers there are, and how they are laid upon each other.

use std::fmt::Write as _;

use roxmltree::{Document, Node, ParsingOptions};

use crate::compose::BlendMode;

const MAX_NODES: u32 = 20_000;
const MAX_DEPTH: usize = 64;

/// A layer or a group of them, as the file tells.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) opacity: f32,
    /// As the file names it: it need not be known here.
    pub(super) composite_op: String,
    pub(super) is_visible: bool,
    pub(super) is_locked: bool,
    pub(super) content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// A file of the archive, and where its corner lies on the canvas.
    Pixels { src: String, x: i32, y: i32 },
    /// The lowest first.
    Stack(Vec<Item>),
}

/// What can be wrong with it.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum Flaw {
    #[error(transparent)]
    Xml(#[from] roxmltree::Error),
    #[error("its width or height is no number")]
    Size,
    #[error("it has no stack")]
    NoStack,
    #[error("its groups lie too deep in each other")]
    TooDeep,
}

/// Canvas and layers, the lowest first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StackXml {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) items: Vec<Item>,
}

impl StackXml {
    pub(super) fn to_xml(&self) -> String {
        let Self { width, height, items } = self;
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <image version=\"0.0.6\" w=\"{width}\" h=\"{height}\" xres=\"72\" yres=\"72\">\n<stack>\n"
        );
        items.iter().rev().for_each(|it| it.write(&mut xml));
        xml.push_str("</stack>\n</image>\n");
        xml
    }

    /// # Errors
    /// Says what is wrong.
    pub(super) fn parse(xml: &str) -> Result<Self, Flaw> {
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: MAX_NODES,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(xml, options)?;
        let image = document.root_element();
        let number =
            |name: &str| image.attribute(name).and_then(|it| it.parse().ok()).ok_or(Flaw::Size);
        let (width, height) = (number("w")?, number("h")?);
        let stack = image.children().find(|it| it.has_tag_name("stack"));
        let stack = stack.ok_or(Flaw::NoStack)?;
        Ok(Self { width, height, items: items_of(stack, 0)? })
    }
}

impl Item {
    fn write(&self, xml: &mut String) {
        let Self { name, opacity, composite_op, is_visible, is_locked, content } = self;
        let common = format!(
            "name=\"{}\" opacity=\"{opacity}\" composite-op=\"{}\" visibility=\"{}\"{}",
            escaped(name),
            escaped(composite_op),
            if *is_visible { "visible" } else { "hidden" },
            if *is_locked { " edit-locked=\"true\"" } else { "" },
        );
        // To a string nothing can fail to be written.
        match content {
            Content::Pixels { src, x, y } => {
                let _ =
                    writeln!(xml, "<layer {common} src=\"{}\" x=\"{x}\" y=\"{y}\"/>", escaped(src));
            }
            Content::Stack(items) => {
                let _ = writeln!(xml, "<stack {common} isolation=\"isolate\">");
                items.iter().rev().for_each(|it| it.write(xml));
                xml.push_str("</stack>\n");
            }
        }
    }
}

fn items_of(stack: Node<'_, '_>, depth: usize) -> Result<Vec<Item>, Flaw> {
    if MAX_DEPTH < depth {
        return Err(Flaw::TooDeep);
    }
    let nodes = stack.children().filter(Node::is_element);
    let mut items = Vec::new();
    for node in nodes {
        let content = if node.has_tag_name("layer") {
            let place = |name| node.attribute(name).and_then(|it| it.parse().ok()).unwrap_or(0);
            let src = node.attribute("src").unwrap_or_default().to_owned();
            Content::Pixels { src, x: place("x"), y: place("y") }
        } else if node.has_tag_name("stack") {
            Content::Stack(items_of(node, depth + 1)?)
        } else {
            // Text and filters are none of what is read.
            continue;
        };
        let text = |name: &str| node.attribute(name);
        let opacity: f32 = text("opacity").and_then(|it| it.parse().ok()).unwrap_or(1.0);
        items.push(Item {
            name: text("name").unwrap_or("Layer").to_owned(),
            opacity: if opacity.is_finite() { opacity.clamp(0.0, 1.0) } else { 1.0 },
            composite_op: text("composite-op")
                .unwrap_or(BlendMode::Normal.composite_op())
                .to_owned(),
            is_visible: text("visibility") != Some("hidden"),
            is_locked: text("edit-locked") == Some("true"),
            content,
        });
    }
    items.reverse();
    Ok(items)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no way to write these.
            it if it.is_control() || matches!(it, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            it => escaped.push(it),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, content: Content) -> Item {
        Item {
            name: name.to_owned(),
            opacity: 0.5,
            composite_op: "svg:multiply".to_owned(),
            is_visible: false,
            is_locked: true,
            content,
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let pixels = |name: &str, x| {
            item(name, Content::Pixels { src: format!("data/{name}.png"), x, y: 7 })
        };
        let items = vec![
            pixels("low", -3),
            item(
                "a <group> & \"more\" 湖",
                Content::Stack(vec![pixels("inner", 0), pixels("upper", 9)]),
            ),
        ];
        let stack = StackXml { width: 90, height: 60, items };
        assert_eq!(StackXml::parse(&stack.to_xml()), Ok(stack));
    }

    #[test]
    fn files_of_others_may_say_little_and_nonsense_is_told() {
        let found = StackXml::parse(
            r#"<image w="9" h="8"><stack><layer src="data/a.png"/><text/></stack></image>"#,
        );
        let found = found.unwrap();
        assert_eq!((found.items.len(), found.items[0].opacity), (1, 1.0));
        assert!(found.items[0].is_visible && found.items[0].composite_op == "svg:src-over");
        for wrong in
            ["", "<image>", r#"<image w="9" h="8"/>"#, r#"<image w="x" h="8"><stack/></image>"#]
        {
            assert!(StackXml::parse(wrong).is_err(), "{wrong}");
        }
        let deep = format!("{}{}", "<stack>".repeat(99), "</stack>".repeat(99));
        assert!(StackXml::parse(&format!(r#"<image w="9" h="8">{deep}</image>"#)).is_err());
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "x">]><image w="9" h="8"><stack/></image>"#;
        assert!(StackXml::parse(bomb).is_err());
    }
}
