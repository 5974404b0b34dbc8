import { describe, expect, test } from "vitest";

import { maskSecrets } from "../../src/domain/secrets.ts";

describe("secrets are masked", () => {
  test.each([
    ["HF_TOKEN=hf_abcdefghijklmnopqrstuv", "HF_TOKEN=***"],
    ["export WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567", "export WANDB_API_KEY=***"],
    ["wandb login 'api_key': '0123456789abcdef'", "wandb login 'api_key': '***'"],
    ["OPENAI_API_KEY: sk-proj-AbCdEf0123456789AbCd", "OPENAI_API_KEY: ***"],
    ["401 for token hf_ZyXwVuTsRqPoNmLkJiHg", "401 for token ***"],
    ["Authorization: Bearer abc.def-123456", "Authorization: Bearer ***"],
    ["https://ada:s3cr3tpw@hub.example.edu/x", "https://ada:***@hub.example.edu/x"],
    ["a://u:p@", "a://u:***@"],
    ["key ghp_0123456789012345678901234567890123", "key ***"],
    ["AKIAABCDEFGHIJKLMNOP", "***"],
    ["--password hunter2hunter2", "--password ***"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123", "***"],
  ])("%s", (text, masked) => expect(maskSecrets(text)).toBe(masked));
});

describe("ordinary text is left as it is", () => {
  test.each([
    "1|40|Loss: 10.480173110961914:  16%|█▌        | 40/250 [00:19<01:44,  2.00it/s]",
    "302,904 tokens [I: 297,904, O: 5,000]",
    "TypeError: lora_llama3_2_1b() got an unexpected keyword argument 'lora_rnk'",
    "tokenizer is initialized from file",
    "max_new_tokens must be greater than 0",
    "Model checkpoint saved to /scratch/ada/rank8_lr1e-5/artifacts/epoch_0",
    "ValueError('`max_new_tokens` must be greater than 0, but is -3.')",
    "sha256 0123456789abcdef0123456789abcdef",
  ])("%s", (text) => expect(maskSecrets(text)).toBe(text));
});
