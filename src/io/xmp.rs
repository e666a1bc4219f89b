//! The XMP packet that tells other programs how a picture came about.
//! Follows the photo metadata standard of the IPTC, version 2025.1.

/// What other programs are told.
pub(super) struct Origin<'a> {
    /// Whether anything is told of models and people.
    pub(super) is_told: bool,
    /// Empty where none has painted.
    pub(super) models: &'a str,
    /// Empty where it is left out.
    pub(super) prompt: &'a str,
    pub(super) artist_painted: bool,
    /// Our own record, where it has no place of its own in the file; empty where it has.
    pub(super) record: &'a str,
}

/// What our own elements are named in.
const NAMESPACE: &str = "urn:alla-prima";

/// Our own record in a packet, if there is one.
pub(super) fn record_in(packet: &[u8]) -> Option<String> {
    let packet = std::str::from_utf8(packet).ok()?;
    let document = roxmltree::Document::parse(packet.trim_start_matches('\u{feff}')).ok()?;
    let record = document.descendants().find(|it| it.has_tag_name((NAMESPACE, "Record")))?;
    record.text().map(str::to_owned)
}

/// The whole packet. It must be stored as it is, without compression.
pub(super) fn packet(origin: &Origin<'_>) -> String {
    let source = match (origin.models, origin.artist_painted) {
        ("", _) => "digitalCreation",
        (_, true) => "compositeWithTrainedAlgorithmicMedia",
        (_, false) => "trainedAlgorithmicMedia",
    };
    let source = if origin.is_told {
        format!(
            "\n   <Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/{source}\
             </Iptc4xmpExt:DigitalSourceType>"
        )
    } else {
        String::new()
    };
    let models = match escaped(origin.models) {
        it if it.is_empty() || !origin.is_told => String::new(),
        it => format!("\n   <Iptc4xmpExt:AISystemUsed>{it}</Iptc4xmpExt:AISystemUsed>"),
    };
    let version = env!("CARGO_PKG_VERSION");
    let prompt = match escaped(origin.prompt) {
        it if it.is_empty() => String::new(),
        it => {
            format!("\n   <Iptc4xmpExt:AIPromptInformation>{it}</Iptc4xmpExt:AIPromptInformation>")
        }
    };

    let record = match escaped(origin.record) {
        it if it.is_empty() => String::new(),
        it => format!("\n   <own:Record xmlns:own=\"{NAMESPACE}\">{it}</own:Record>"),
    };

    // The mark at the beginning and the id are the same in every XMP packet.
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <xmp:CreatorTool>Alla Prima {version}</xmp:CreatorTool>{source}{models}{prompt}{record}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"#,
        bom = '\u{feff}',
    )
}

/// Text as it may stand between two tags. What XML cannot say becomes a blank.
fn escaped(text: &str) -> String {
    let mut it = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => it.push_str("&amp;"),
            '<' => it.push_str("&lt;"),
            '>' => it.push_str("&gt;"),
            '"' => it.push_str("&quot;"),
            '\'' => it.push_str("&apos;"),
            '\n' | '\t' => it.push(char),
            '\u{fffe}' | '\u{ffff}' => it.push(' '),
            char if char.is_control() => it.push(' '),
            char => it.push(char),
        }
    }
    it
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(prompt: &str, artist_painted: bool) -> String {
        packet(&Origin { is_told: true, models: "a <model>", prompt, artist_painted, record: "" })
    }

    #[test]
    fn where_no_model_has_painted_none_is_named() {
        let origin_of_nobody =
            Origin { is_told: true, models: "", prompt: "", artist_painted: true, record: "" };
        let packet = packet(&origin_of_nobody);
        assert!(packet.contains("digitalsourcetype/digitalCreation<"));
        assert!(!packet.contains("AISystemUsed"));
    }

    #[test]
    fn a_record_comes_back() {
        let record = r#"{"prompt": "a <lake> & \"more\" 湖"}"#;
        let packet = packet(&Origin {
            is_told: false,
            models: "m",
            prompt: "p",
            artist_painted: true,
            record,
        });
        assert!(!packet.contains("DigitalSourceType") && !packet.contains("AISystemUsed"));
        assert_eq!(record_in(packet.as_bytes()).as_deref(), Some(record));
        assert_eq!(record_in(origin("a lake", true).as_bytes()), None);
        assert_eq!(record_in(b"<x"), None);
    }

    #[test]
    fn who_painted_is_told() {
        let ends = "digitalsourcetype/trainedAlgorithmicMedia<";
        assert!(origin("", false).contains(ends));
        let ends = "digitalsourcetype/compositeWithTrainedAlgorithmicMedia<";
        assert!(origin("", true).contains(ends));
    }

    #[test]
    fn no_prompt_breaks_out_of_its_tags() {
        let packet = origin("a < b & \"c\" </rdf:RDF>\0]]>", false);
        let expected = ">a &lt; b &amp; &quot;c&quot; &lt;/rdf:RDF&gt; ]]&gt;</";
        assert!(packet.contains(expected), "{packet}");
        assert!(packet.contains(">a &lt;model&gt;<"));
    }

    #[test]
    fn a_prompt_left_out_leaves_no_tag() {
        assert!(!origin("", true).contains("Prompt"));
    }
}
