//! What other programs note in the pictures that they generate: their prompt, their seed, their model.
//! All of it may be anybody's, and is not trusted.

use serde_json::Value;

use super::chunks::Texts;
use super::exif::ExifTexts;

/// A program that generates pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// And all that write as it does.
    Automatic1111,
    ComfyUi,
    InvokeAi,
}

impl Program {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automatic1111 => "Stable Diffusion web UI (A1111)",
            Self::ComfyUi => "ComfyUI",
            Self::InvokeAi => "InvokeAI",
        }
    }
}

/// What another program notes of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    pub program: Program,
    pub prompt: String,
    /// Empty where there is none.
    pub negative: String,
    pub seed: Option<u64>,
    pub model: Option<String>,
}

/// What is noted in the texts of a PNG file.
pub(super) fn in_texts(texts: &Texts) -> Option<Recipe> {
    let json = |keyword: &str| serde_json::from_str::<Value>(texts.get(keyword)?).ok();
    // Programs that know several layouts write that of A1111 beside their own.
    json("invokeai_metadata")
        .and_then(|it| invoke(&it))
        .or_else(|| json("sd-metadata").and_then(|it| old_invoke(&it)))
        .or_else(|| json("prompt").and_then(|it| comfy_prompt(&it)))
        .or_else(|| json("workflow").and_then(|it| comfy_workflow(&it)))
        .or_else(|| texts.get("parameters").and_then(parameters))
}

/// What is noted in the Exif record of a JPEG or WebP file.
pub(super) fn in_exif(exif: &ExifTexts) -> Option<Recipe> {
    let json = |keyword: &str| {
        let text = exif.others.iter().find_map(|it| it.strip_prefix(keyword))?;
        serde_json::from_str::<Value>(text.trim_start_matches(':')).ok()
    };
    json("prompt")
        .and_then(|it| comfy_prompt(&it))
        .or_else(|| json("workflow").and_then(|it| comfy_workflow(&it)))
        .or_else(|| exif.comment.as_deref().and_then(parameters))
}

/// Prompt, negative prompt and settings in one text: the last line has them, as "Steps: 20, Seed: 1, Model: a".
fn parameters(text: &str) -> Option<Recipe> {
    let text = text.replace("\r\n", "\n");
    let settings = text.rfind("\nSteps: ").map(|it| it + 1);
    let settings = settings.or_else(|| text.starts_with("Steps: ").then_some(0))?;
    let (prompts, settings) = text.split_at(settings);
    let (prompt, negative) = match prompts.split_once("Negative prompt:") {
        Some((prompt, negative)) => (prompt, negative),
        None => (prompts, ""),
    };
    let value = |key: &str| {
        let (_, rest) = settings.split_once(&format!("{key}: "))?;
        let value = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest.split([',', '\n']).next(),
        };
        value.map(|it| it.trim().to_owned())
    };
    Some(Recipe {
        program: Program::Automatic1111,
        prompt: prompt.trim().to_owned(),
        negative: negative.trim().to_owned(),
        seed: value(" Seed").and_then(|it| it.parse().ok()),
        model: value(" Model"),
    })
}

/// A text of an object, or of an object in it.
fn text_in(value: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(value, |it, key| it.get(key))?;
    found.as_str().map(str::to_owned)
}

fn invoke(record: &Value) -> Option<Recipe> {
    let model = text_in(record, &["model", "name"])
        .or_else(|| text_in(record, &["model", "model_name"]))
        .or_else(|| text_in(record, &["model"]));
    Some(Recipe {
        program: Program::InvokeAi,
        prompt: text_in(record, &["positive_prompt"])?,
        negative: text_in(record, &["negative_prompt"]).unwrap_or_default(),
        seed: record.get("seed").and_then(Value::as_u64),
        model,
    })
}

/// As versions before 3 wrote it.
fn old_invoke(record: &Value) -> Option<Recipe> {
    let image = record.get("image")?;
    let prompt = text_in(image, &["prompt"]).or_else(|| {
        let parts = image.get("prompt")?.as_array()?;
        let parts: Vec<String> = parts.iter().filter_map(|it| text_in(it, &["prompt"])).collect();
        Some(parts.join(", "))
    })?;
    Some(Recipe {
        program: Program::InvokeAi,
        prompt,
        negative: String::new(),
        seed: image.get("seed").and_then(Value::as_u64),
        model: text_in(record, &["model_weights"]),
    })
}

/// The graph that was carried out: nodes by their names, each with a class and inputs, which are values or name other
/// nodes.
fn comfy_prompt(graph: &Value) -> Option<Recipe> {
    let mut nodes: Vec<(&String, &Value)> = graph.as_object()?.iter().collect();
    nodes.sort_by_key(|(name, _)| (name.parse::<u64>().unwrap_or(u64::MAX), name.as_str()));
    let input = |node: &Value, key: &str| node.get("inputs")?.get(key).cloned();
    let seed_of = |node: &Value| {
        let seed = ["seed", "noise_seed"].into_iter().find_map(|it| input(node, it))?;
        follow(graph, &seed, &["seed", "noise_seed", "value"], 0)?.as_u64()
    };
    let sampler = nodes.iter().map(|it| it.1).find(|it| input(it, "positive").is_some());
    let texts = ["text", "text_g", "text_l", "t5xxl", "prompt", "value", "string"];
    let through = ["conditioning", "positive", "conditioning_1", "conditioning_to"];
    let inputs: Vec<&str> = texts.into_iter().chain(through).collect();
    let words = |key: &str| {
        let found = follow(graph, &input(sampler?, key)?, &inputs, 0)?;
        found.as_str().map(str::to_owned)
    };
    let is_encoder = |node: &Value| {
        node.get("class_type").and_then(Value::as_str).is_some_and(|it| it.contains("TextEncode"))
    };
    let first = || {
        let encoder = nodes.iter().map(|it| it.1).find(|it| is_encoder(it))?;
        let text = texts.into_iter().find_map(|it| input(encoder, it))?;
        follow(graph, &text, &inputs, 0)?.as_str().map(str::to_owned)
    };
    let model = ["ckpt_name", "unet_name", "model_name"];
    let model = |node: &Value| {
        model.into_iter().find_map(|it| input(node, it)?.as_str().map(str::to_owned))
    };
    Some(Recipe {
        program: Program::ComfyUi,
        prompt: words("positive").or_else(first)?,
        negative: words("negative").unwrap_or_default(),
        seed: sampler.and_then(seed_of).or_else(|| nodes.iter().find_map(|it| seed_of(it.1))),
        model: nodes.iter().find_map(|it| model(it.1)),
    })
}

/// The value that an input comes to, over other nodes where it names one; these may name each other.
fn follow(graph: &Value, input: &Value, keys: &[&str], depth: usize) -> Option<Value> {
    const MAX_DEPTH: usize = 16;
    let Value::Array(link) = input else { return Some(input.clone()) };
    let node = graph.get(link.first()?.as_str()?)?.get("inputs")?;
    let inputs = keys.iter().filter_map(|it| node.get(it));
    inputs.filter(|_| depth < MAX_DEPTH).find_map(|it| follow(graph, it, keys, depth + 1))
}

/// The graph as it is edited: a list of nodes, whose values stand in the order of their widgets.
fn comfy_workflow(graph: &Value) -> Option<Recipe> {
    let nodes = graph.get("nodes")?.as_array()?;
    let first = |kind: &str| {
        let is_kind = |it: &&Value| {
            it.get("type").and_then(Value::as_str).is_some_and(|it| it.contains(kind))
        };
        nodes.iter().find(is_kind)?.get("widgets_values")?.get(0).cloned()
    };
    Some(Recipe {
        program: Program::ComfyUi,
        prompt: first("TextEncode")?.as_str()?.to_owned(),
        negative: String::new(),
        seed: first("KSampler").and_then(|it| it.as_u64()),
        model: first("CheckpointLoader").and_then(|it| it.as_str().map(str::to_owned)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(keyword: &str, text: &str) -> Option<Recipe> {
        in_texts(&Texts(vec![(keyword.to_owned(), text.to_owned())]))
    }

    fn recipe(program: Program, prompt: &str, negative: &str, model: &str) -> Recipe {
        Recipe {
            program,
            prompt: prompt.to_owned(),
            negative: negative.to_owned(),
            seed: Some(42),
            model: Some(model.to_owned()),
        }
    }

    #[test]
    fn the_layout_of_a1111_is_read_from_texts_and_comments() {
        let text = "a lake\nat dusk, Steps: many\nNegative prompt: fog, rain\nSteps: 20, Sampler: Euler a, \
                    CFG scale: 7, Seed: 42, Size: 512x512, Model hash: abc, Model: dream, Version: v1.10";
        let expected =
            recipe(Program::Automatic1111, "a lake\nat dusk, Steps: many", "fog, rain", "dream");
        assert_eq!(told("parameters", text), Some(expected.clone()));
        let exif = ExifTexts { comment: Some(text.to_owned()), ..ExifTexts::default() };
        assert_eq!(in_exif(&exif), Some(expected));
        let bare = told("parameters", "Steps: 1, Seed: -1, Model: \"a, b\"").unwrap();
        assert_eq!((bare.prompt.as_str(), bare.seed), ("", None));
        assert_eq!(bare.model.as_deref(), Some("a, b"));
        assert_eq!(told("parameters", "a lake"), None);
    }

    #[test]
    fn a_graph_is_followed_from_its_sampler_to_its_words() {
        let graph = r#"{
            "3": {"class_type": "KSampler", "inputs": {"seed": 42, "positive": ["6", 0], "negative": ["7", 0]}},
            "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dream"}},
            "5": {"class_type": "PrimitiveString", "inputs": {"value": "a lake"}},
            "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["5", 0]}},
            "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog"}}
        }"#;
        let expected = recipe(Program::ComfyUi, "a lake", "fog", "dream");
        assert_eq!(told("prompt", graph), Some(expected.clone()));
        let exif = ExifTexts { others: vec![format!("prompt:{graph}")], ..ExifTexts::default() };
        assert_eq!(in_exif(&exif), Some(expected));
        let workflow = r#"{"nodes": [
            {"type": "CheckpointLoaderSimple", "widgets_values": ["dream"]},
            {"type": "CLIPTextEncode", "widgets_values": ["a lake"]},
            {"type": "KSampler", "widgets_values": [42, "fixed"]}
        ]}"#;
        assert_eq!(
            told("workflow", workflow),
            Some(recipe(Program::ComfyUi, "a lake", "", "dream"))
        );
    }

    #[test]
    fn a_graph_that_goes_round_ends() {
        let graph = r#"{
            "1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0]}},
            "2": {"class_type": "CLIPTextEncode", "inputs": {"text": ["2", 0], "value": ["1", 0]}}
        }"#;
        assert_eq!(told("prompt", graph), None);
    }

    #[test]
    fn old_and_new_records_of_invoke_are_read() {
        let new = r#"{"positive_prompt": "a lake", "negative_prompt": "fog", "seed": 42, "model": {"name": "dream"}}"#;
        assert_eq!(
            told("invokeai_metadata", new),
            Some(recipe(Program::InvokeAi, "a lake", "fog", "dream"))
        );
        let old = r#"{"model_weights": "dream", "image": {"prompt": [{"prompt": "a lake", "weight": 1}], "seed": 42}}"#;
        assert_eq!(
            told("sd-metadata", old),
            Some(recipe(Program::InvokeAi, "a lake", "", "dream"))
        );
        for nonsense in ["", "[]", "null", "{\"image\": 3}"] {
            assert_eq!(told("sd-metadata", nonsense), None);
        }
    }
}
