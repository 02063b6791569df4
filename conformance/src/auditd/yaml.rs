//! The little of YAML that the inputs use: a mapping of names to block texts, `name: |` (lines kept) or `name: >` (lines joined).

/// Name and text of each block.
pub(super) fn blocks(yaml: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, bool, String)> = Vec::new();
    for line in yaml.lines() {
        let (indent, content) = (line.len() - line.trim_start().len(), line.trim());
        if indent >= 4 || (content.is_empty() && !blocks.is_empty()) {
            if let Some((_, folded, text)) = blocks.last_mut() {
                match (*folded, content.is_empty()) {
                    (true, false) => {
                        if !text.is_empty() && !text.ends_with('\n') {
                            text.push(' ');
                        }
                        text.push_str(content);
                    }
                    _ => {
                        text.push_str(content);
                        text.push('\n');
                    }
                }
            }
        } else if !content.starts_with('#')
            && let Some((name, style)) = content.rsplit_once(": ")
        {
            blocks.push((name.trim_matches(['"', '\'']).to_owned(), style.starts_with('>'), String::new()));
        }
    }
    blocks.into_iter().map(|(name, _, text)| (name, text)).collect()
}
